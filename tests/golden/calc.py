"""A headless LibreOffice Calc that is used as a person uses it: mark cells, type, take a command."""

import contextlib
import subprocess
import time

import uno

BLANK = "private:factory/scalc"
XLSX = "Calc MS Excel 2007 XML"
KOREAN = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry"><item oor:path="/org.openoffice.Setup/L10N">
<prop oor:name="ooSetupSystemLocale" oor:op="fuse"><value>ko-KR</value></prop></item></oor:items>"""


class Office:
    """A LibreOffice of its own in Korean, without a window; `folder` holds its profile."""

    def __init__(self, folder):
        profile = folder / "profile"
        (profile / "user").mkdir(parents=True)
        (profile / "user/registrymodifications.xcu").write_text(KOREAN, encoding="utf-8")
        pipe = f"pipe,name={folder.name};urp"
        command = ["soffice", "--headless", "--norestore", f"--accept={pipe}"]
        command += [f"-env:UserInstallation={profile.as_uri()}"]
        self.process = subprocess.Popen(command)
        local = uno.getComponentContext()
        resolver = "com.sun.star.bridge.UnoUrlResolver"
        resolver = local.ServiceManager.createInstanceWithContext(resolver, local)
        context = self._connected(resolver, f"uno:{pipe};StarOffice.ComponentContext")
        make = context.ServiceManager.createInstanceWithContext
        self.desktop = make("com.sun.star.frame.Desktop", context)
        self.dispatcher = make("com.sun.star.frame.DispatchHelper", context)

    @staticmethod
    def _connected(resolver, url):
        for _ in range(60):
            with contextlib.suppress(Exception):
                return resolver.resolve(url)
            time.sleep(0.5)
        raise SystemExit("LibreOffice did not start")

    def open(self, url):
        return self.desktop.loadComponentFromURL(url, "_blank", 0, ())

    def __enter__(self):
        return self

    def __exit__(self, *error):
        with contextlib.suppress(Exception):  # it breaks the connection off
            self.desktop.terminate()
        self.process.wait()


class Book:
    """A workbook that is open in Calc; `saving` are the settings it will be saved with."""

    def __init__(self, office, url):
        self.office, self.document, self.saving = office, office.open(url), {"FilterName": XLSX}

    def do(self, place, what):
        """Mark the cells of a place (`예산.K3`); type a text there, or take a command or a step.

        A command of the menus begins with `.uno:`; a step is a function of this book and the cells.
        """
        sheet, _, address = place.partition(".")
        cells = self.document.Sheets.getByName(sheet).getCellRangeByName(address)
        is_command = callable(what) or what.startswith(".uno:")
        if is_command or cells.CellProtection.IsLocked:
            cells.Spreadsheet.unprotect("")  # an invitation is protected without a password
        if callable(what):
            what(self, cells)
        elif is_command:
            self._dispatch(cells, what)
        else:
            self._dispatch(cells, ".uno:EnterString", setting("StringName", what))

    def _dispatch(self, cells, command, *settings):
        controller = self.document.CurrentController
        controller.setActiveSheet(cells.Spreadsheet)
        controller.select(cells)
        self.office.dispatcher.executeDispatch(controller.Frame, command, "", 0, settings)

    def save(self, path):
        path.parent.mkdir(parents=True, exist_ok=True)
        settings = tuple(setting(name, value) for name, value in self.saving.items())
        self.document.storeToURL(path.as_uri(), settings)
        self.document.close(True)


def struct(name, **fields):
    made = uno.createUnoStruct(f"com.sun.star.{name}")
    for field, value in fields.items():
        setattr(made, field, value)
    return made


def choice(name, value):
    return uno.Enum(f"com.sun.star.{name}", value)


def setting(name, value):
    return struct("beans.PropertyValue", Name=name, Value=value)


# --- steps beyond typing and commands: each takes the book and the marked cells -------------------


def merged(book, cells):
    cells.merge(True)


def noted(book, cells):
    cells.Spreadsheet.Annotations.insertNew(cells.CellAddress, "11월 말까지")


def protected(book, cells):
    cells.Spreadsheet.protect("열쇠")


def charted(book, cells):
    corner = cells.Spreadsheet.getCellRangeByName("B9").Position
    box = struct("awt.Rectangle", X=corner.X, Y=corner.Y, Width=8000, Height=5000)
    cells.Spreadsheet.Charts.addNewByName("도표", box, (cells.RangeAddress,), True, False)


def shown_as(code):
    def step(book, cells):
        formats, locale = book.document.NumberFormats, struct("lang.Locale")
        known = formats.queryKey(code, locale, False)
        cells.NumberFormat = formats.addNew(code, locale) if known < 0 else known

    return step


def only_one(book, cells):
    """Choose 1-1 in the list of a filter that is set already."""
    descriptor = cells.createFilterDescriptor(True)
    choose(descriptor)
    cells.filter(descriptor)


def only_one_of_a_table(book, cells):
    """Give the cells a name, as Ctrl+T does in Excel, and choose 1-1 in the list of its filter."""
    ranges = book.document.DatabaseRanges
    ranges.addNewByName("현황", cells.RangeAddress)
    ranges.getByName("현황").AutoFilter = True
    choose(ranges.getByName("현황").FilterDescriptor)
    ranges.getByName("현황").refresh()


def choose(descriptor):
    wanted = {"Operator": choice("sheet.FilterOperator", "EQUAL"), "StringValue": "1-1"}
    descriptor.ContainsHeader = True
    descriptor.FilterFields = (struct("sheet.TableFilterField", **wanted),)


def from_other_file(path):
    """Write another file there, and a formula that looks into it."""

    def step(book, cells):
        other = Book(book.office, BLANK)
        other.do("Sheet1.A1", "11")
        other.save(path)
        book.do(cells.AbsoluteName.replace("$", ""), f"='{path.as_uri()}'#$Sheet1.A1")

    return step


def in_a_new_book(book, cells):
    source, book.document = book.document, book.office.open(BLANK)
    book.document.Sheets.importSheet(source, cells.Spreadsheet.Name, 0)
    source.close(True)
    book.document.Sheets.removeByName("Sheet1")


def counting_from_1904(book, cells):
    book.document.NullDate = struct("util.Date", Year=1904, Month=1, Day=1)


def saved_as(name):
    def step(book, cells):
        book.saving = {"FilterName": name}

    return step


def with_a_password(book, cells):
    secret = struct("beans.NamedValue", Name="OOXPassword", Value="열쇠")
    kind = struct("beans.NamedValue", Name="CryptoType", Value="Standard")
    book.saving["EncryptionData"] = uno.Any("[]com.sun.star.beans.NamedValue", (secret, kind))
