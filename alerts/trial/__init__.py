"""A rule tried on what was seen already: nothing is stored, nobody is told.

Takes: sentences, what an engine answered about pictures in their order.
Gives: the incidents that there would have been, and what a day of them is.
Knows nothing about: where pictures come from, who asks."""
