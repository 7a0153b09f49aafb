"""The courses on which proctor is compared with stock nbgrader: their notebooks, what students hand in, and the comparison."""
