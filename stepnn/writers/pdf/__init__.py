"""Floor 3: pages as PDF, typeset by Typst (the extra `stepnn[pdf]`)."""
