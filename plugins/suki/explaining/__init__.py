"""What ``suki explain`` gathers and how it says it: whom is asked about, their story, and the words for it."""
