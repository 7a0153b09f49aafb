"""Watch pages: what they write to the console as an error, what they ask other places for."""

import re

# nbconvert and nbgrader put two links to programs that typeset formulas into their pages. They get
# an empty answer.
TYPESETTING = re.compile(r"^https://[^/]+/.*/(?:mathjax|require\.js)/", re.IGNORECASE)


class Watch:
    """Opens pages, one window for each address and set of options, used again and again.

    `complaints` lists the errors that the pages write, and the requests that go elsewhere. `home`
    is how the addresses begin that a page may ask for besides its own.
    """

    def __init__(self, browser, home=None):
        self.browser, self.home, self.complaints, self.windows = browser, home, [], {}

    def open(self, address, **options):
        """A page freshly loaded from `address`; options are those of a browser context."""
        key = address, repr(options)
        if key not in self.windows:
            self.windows[key] = self.window(options)
        self.windows[key].mouse.move(0, 0)
        self.windows[key].goto(address)
        return self.windows[key]

    def opened(self, address, **options):
        """The page at `address` as it was left, if it was opened before with these options, or
        else freshly loaded.
        """
        return self.windows.get((address, repr(options))) or self.open(address, **options)

    def window(self, options):
        """An empty page in a context of its own."""
        context = self.browser.new_context(
            **{"viewport": {"width": 1280, "height": 900}, **options}
        )
        context.route(
            TYPESETTING, lambda route: route.fulfill(body="", content_type="text/javascript")
        )
        context.set_default_timeout(15_000)
        page = context.new_page()
        page.on("request", lambda request: self.asked(request.url, request.is_navigation_request()))
        page.on("websocket", lambda socket: self.asked(socket.url.replace("ws", "http", 1)))
        page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))
        page.on("console", self.told)
        return page

    def asked(self, url, opened=False):
        """Note a request that goes elsewhere; a page of files may ask for itself only."""
        own = opened if self.home is None else url.startswith(self.home)
        if not own and not url.startswith(("data:", "blob:")) and not TYPESETTING.match(url):
            self.complaints.append(f"request: {url}")

    def told(self, message):
        """Note an error in the console."""
        if message.type == "error":
            self.complaints.append(f"console: {message.text} ({message.location.get('url')})")

    def taken(self):
        """The complaints so far; they are taken away."""
        taken, self.complaints = self.complaints, []
        return taken

    def close(self):
        """Close every window."""
        for page in self.windows.values():
            page.context.close()
