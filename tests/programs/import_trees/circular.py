import circular_other as other
