//! A document on paper: A4 PDF/A-2b for archives, with the typefaces embedded, links that can be followed, and no
//! byte that depends on when or where it was made.

use kernel::{Error, Result};
use krilla::SerializeSettings;
use krilla::action::{Action, LinkAction};
use krilla::annotation::{Annotation, LinkAnnotation, Target};
use krilla::color::rgb;
use krilla::configure::{Archival, ConfigurationBuilder};
use krilla::geom::{PathBuilder, Point, Rect};
use krilla::metadata::{DateTime, Metadata};
use krilla::page::PageSettings;
use krilla::paint::{Fill, Stroke};
use krilla::surface::Surface;

use crate::layout::{Item, PAGE_HEIGHT, PAGE_WIDTH, sheets};
use crate::model::{Document, Weight};
use crate::typeset::{Ink, Line, Run};

/// Longer addresses are printed but cannot be followed; readers refuse them anyway.
const LONGEST_LINK: usize = 2000;

/// The document as PDF. Links into this site need its `origin`, such as `https://partners.northwind.example`;
/// without it they are printed but cannot be followed.
pub fn render(document: &Document, origin: Option<&str>) -> Result<Vec<u8>> {
    let fault = |what: &str| Error::internal(format!("document {}: {what}", document.number));
    let configuration = ConfigurationBuilder::new()
        .with_archival_validator(Archival::A2_B)
        .finish()
        .map_err(|e| fault(&format!("{e:?}")))?;
    let mut pdf = krilla::Document::new_with(SerializeSettings { configuration, ..SerializeSettings::default() });
    pdf.set_metadata(metadata(document));
    for sheet in sheets(document) {
        let settings = PageSettings::from_wh(PAGE_WIDTH, PAGE_HEIGHT).ok_or_else(|| fault("the page has no size"))?;
        let mut page = pdf.start_page_with(settings);
        let mut surface = page.surface();
        for item in &sheet {
            paint(&mut surface, item);
        }
        surface.finish();
        for (rect, target) in sheet.iter().flat_map(|item| links(item, origin)) {
            let annotation = LinkAnnotation::new(rect, target);
            page.add_annotation(Annotation::new_link(annotation, None));
        }
        page.finish();
    }
    pdf.finish().map_err(|e| fault(&format!("{e:?}")))
}

fn metadata(document: &Document) -> Metadata {
    let date = document.issued_on.date();
    let part = |number: i8| u8::try_from(number).unwrap_or(1);
    Metadata::new()
        .title(format!("{} {}", document.title, document.number))
        .authors(vec![document.issuer.name.clone()])
        .creator("Concord".to_owned())
        .language(document.language.clone())
        .document_id(document.hash())
        .creation_date(
            DateTime::new(u16::try_from(date.year()).unwrap_or(0))
                .month(part(date.month()))
                .day(part(date.day()))
                .hour(0)
                .minute(0)
                .second(0)
                .utc_offset_hour(0)
                .utc_offset_minute(0),
        )
}

fn color(ink: Ink) -> rgb::Color {
    let (red, green, blue) = match ink {
        Ink::Text => (26, 32, 44),
        Ink::Muted => (100, 110, 125),
        Ink::Link => (22, 62, 130),
        Ink::Rule => (38, 48, 66),
        Ink::Hairline => (214, 219, 227),
        Ink::Panel => (244, 246, 249),
        Ink::Info => (59, 105, 176),
        Ink::Success => (36, 128, 84),
        Ink::Warning => (190, 120, 20),
        Ink::Danger => (178, 48, 48),
    };
    rgb::Color::new(red, green, blue)
}

fn paint(surface: &mut Surface, item: &Item) {
    match item {
        Item::Text { x, baseline, line } => {
            let mut x = *x;
            for run in &line.runs {
                paint_run(surface, x, *baseline, run);
                x += run.width;
            }
        }
        Item::Box { x, y, width, height, ink } => {
            let mut path = PathBuilder::new();
            // An empty bar has no rectangle and paints nothing.
            let Some(rect) = Rect::from_xywh(*x, *y, *width, *height) else {
                return;
            };
            path.push_rect(rect);
            if let Some(path) = path.finish() {
                surface.set_stroke(None);
                surface.set_fill(Some(Fill { paint: color(*ink).into(), ..Fill::default() }));
                surface.draw_path(&path);
            }
        }
    }
}

fn paint_run(surface: &mut Surface, x: f32, baseline: f32, run: &Run) {
    let paint: krilla::paint::Paint = color(run.style.ink).into();
    // The only text face is a light one: an outline makes it a regular, a thicker one a bold.
    let outline = match (run.style.weight, run.style.fixed_width) {
        (Weight::Bold, _) => 0.06,
        (Weight::Regular, false) => 0.014,
        (Weight::Regular, true) => 0.0,
    };
    surface.set_fill(Some(Fill { paint: paint.clone(), ..Fill::default() }));
    surface.set_stroke((outline > 0.0).then(|| Stroke { paint, width: outline * run.style.size, ..Stroke::default() }));
    surface.draw_glyphs(Point::from_xy(x, baseline), &run.glyphs, run.font.clone(), &run.text, run.style.size, false);
}

fn links(item: &Item, origin: Option<&str>) -> Vec<(Rect, Target)> {
    let Item::Text { x, baseline, line } = item else {
        return Vec::new();
    };
    let Line { ascent, leading, .. } = line;
    let mut x = *x;
    let mut links = Vec::new();
    for run in &line.runs {
        let address = run.link.as_deref().and_then(|link| absolute(link, origin));
        let rect = Rect::from_xywh(x, baseline - ascent, run.width, *leading);
        if let (Some(address), Some(rect)) = (address, rect) {
            links.push((rect, Target::Action(Action::Link(LinkAction::new(address)))));
        }
        x += run.width;
    }
    links
}

/// The address as ASCII, which is all that a PDF link may hold.
fn absolute(link: &str, origin: Option<&str>) -> Option<String> {
    let address = match link.chars().next()? {
        '/' => format!("{}{link}", origin?.trim_end_matches('/')),
        // A place on the page of the screen has no counterpart on paper.
        '#' => return None,
        _ => link.to_owned(),
    };
    let mut ascii = String::with_capacity(address.len());
    for byte in address.bytes() {
        if byte.is_ascii_graphic() {
            ascii.push(char::from(byte));
        } else {
            ascii.push_str(&format!("%{byte:02X}"));
        }
    }
    (ascii.len() <= LONGEST_LINK).then_some(ascii)
}
