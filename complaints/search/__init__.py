"""Search from every page: matters and historical records in one list, within what the person may see."""
