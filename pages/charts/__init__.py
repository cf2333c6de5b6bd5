"""Pictures of summaries: a Vega-Lite spec of a summary, drawn on the server as SVG or PNG."""
