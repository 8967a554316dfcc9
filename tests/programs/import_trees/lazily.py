"""Imports lazily; what is used first here is used in a function."""

import sys

lazy import colorsys
lazy from xml.dom import minidom


def convert():
    return colorsys.rgb_to_hsv(0, 0, 0)


print("colorsys" in sys.modules, "xml" in sys.modules)
convert()
parse = minidom.parseString
