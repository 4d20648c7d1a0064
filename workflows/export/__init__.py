"""A procedure as other tools and people see it: pictures drawn from the definition, never edited by hand."""
