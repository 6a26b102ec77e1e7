"""What we believe of each customer: which id they bear, which values survive, and how sure we are of the grouping."""
