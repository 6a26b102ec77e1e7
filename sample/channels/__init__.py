"""The four channels, each writing the people it knows in the form its platform really exports."""
