"""How pages are taken elsewhere: addresses, citations, frames, oEmbed, what a link shows."""
