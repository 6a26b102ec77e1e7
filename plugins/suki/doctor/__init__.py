"""``suki doctor``: what is wrong with this Suki, and how to mend it. ``checks`` lists what is looked at, a module a part."""
