"""Settings of Sphinx; `docs/build.py` gathers the pages and runs it."""

import sys
from pathlib import Path

from jaxplay import __version__

sys.path.insert(0, str(Path(__file__).parent))

project = "jaxplay"
author = "The jaxplay authors"
project_copyright = "The jaxplay authors, Apache-2.0"
version = release = __version__

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "_site.mathml",
    "_site.docstrings",
]
exclude_patterns = ["_site/**", "README.md"]
source_suffix = {".rst": "restructuredtext", ".md": "myst-nb", ".ipynb": "myst-nb"}
default_role = "code"
suppress_warnings = ["config.cache", "ref.python"]  # two rooms may each have a Table

# Markdown: formulas, definition lists, pictures with a size, links to headings.
myst_enable_extensions = ["dollarmath", "deflist", "html_image", "colon_fence"]
myst_heading_anchors = 4
# Notebooks are shown with the outputs they are kept with; widgets would need a script from elsewhere.
nb_execution_mode = "off"
nb_ipywidgets_js: dict[str, dict[str, str]] = {}
nb_render_markdown_format = "myst"

autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
autodoc_preserve_defaults = True
python_use_unqualified_type_names = True
napoleon_numpy_docstring = False
napoleon_use_ivar = True
napoleon_attr_annotations = False  # signatures show them

html_math_renderer = "mathml"
html_theme = "pydata_sphinx_theme"
html_title = f"jaxplay {version}"
html_static_path = ["_site/static"]
html_css_files = ["jaxplay.css"]
html_sidebars: dict[str, list[str]] = {page: [] for page in ("index", "quickstart", "concepts")}
html_show_sourcelink = False
html_copy_source = False
html_theme_options = {
    "show_toc_level": 2,
    "navigation_with_keys": False,
    "navbar_align": "left",
    "header_links_before_dropdown": 8,
    "show_nav_level": 1,
    "footer_start": ["copyright"],
    "footer_end": [],
    "pygments_light_style": "tango",
    "pygments_dark_style": "monokai",
}
