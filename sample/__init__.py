"""The sample world: invented people with a known truth, and the exports four channels would hold of them.

It knows nothing of the pipeline, and the pipeline nothing of it; they meet in files only.
"""
