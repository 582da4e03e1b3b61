import NetValues
