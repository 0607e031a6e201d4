"""Reads a page as the tests of pages look at it."""

from html.parser import HTMLParser

VOID = {"meta", "link", "img", "br"}
"""Tags that have no end."""


class Page(HTMLParser):
    """The tags of a page in their order with their attributes, and the text of each; a tag that is not closed, or in the wrong order, is an error."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.open = [], []
        self.feed(text)
        assert not self.open

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs), []))
        if tag not in VOID:
            self.open.append(self.tags[-1])

    def handle_endtag(self, tag):
        assert self.open.pop()[0] == tag

    def handle_data(self, data):
        for _, _, pieces in self.open:
            pieces.append(data)

    def texts(self, tag=None, **attributes):
        """The texts of the elements of a tag, or of any, with these attributes."""
        return [" ".join("".join(text).split()) for name, has, text in self.tags if tag in (None, name) and attributes.items() <= has.items()]

    def values(self, attribute):
        """What this attribute is, wherever it stands."""
        return [has[attribute] for _, has, _ in self.tags if attribute in has]
