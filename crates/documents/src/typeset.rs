//! Text on paper: the two typefaces that ship inside the program, measuring, breaking into lines and shaping.
//!
//! Text is kept in reading order from left to right. A character that neither face has is drawn as an empty box: the
//! reader sees that something stands there, and it still copies and searches as what it is.

use std::collections::HashMap;
use std::sync::LazyLock;

use krilla::text::{Font, GlyphId, KrillaGlyph};
use rustybuzz::{Direction, ShapePlan, UnicodeBuffer, script};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::model::{Text, Value, Weight, safe_link};

/// What text is painted with; the renderer knows the colors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ink {
    Text,
    Muted,
    Link,
    Rule,
    Hairline,
    Panel,
    Info,
    Success,
    Warning,
    Danger,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Style {
    pub size: f32,
    pub weight: Weight,
    pub ink: Ink,
    /// Hashes are set in fixed width, so that two of them compare at a glance.
    pub fixed_width: bool,
}

impl Style {
    pub const fn new(size: f32, ink: Ink) -> Self {
        Self { size, weight: Weight::Regular, ink, fixed_width: false }
    }

    pub const fn bold(self) -> Self {
        Self { weight: Weight::Bold, ..self }
    }

    pub const fn fixed_width(self) -> Self {
        Self { fixed_width: true, ..self }
    }

    pub fn leading(&self) -> f32 {
        self.size * 1.36
    }
}

/// A piece of text before it is broken into lines.
#[derive(Clone, Debug)]
pub(crate) struct Piece {
    pub text: String,
    pub style: Style,
    pub link: Option<String>,
}

impl Piece {
    pub fn new(text: impl Into<String>, style: Style) -> Self {
        Self { text: text.into(), style, link: None }
    }

    /// Running text in one style, its bold spans bold and its links in the ink of links.
    pub fn of(text: &Text, style: Style) -> Vec<Self> {
        let piece = |span: &crate::model::Span| {
            let link = safe_link(span.link.as_deref()).map(str::to_owned);
            let weight = match (style.weight, span.weight) {
                (Weight::Regular, Weight::Regular) => Weight::Regular,
                _ => Weight::Bold,
            };
            let ink = if link.is_some() { Ink::Link } else { style.ink };
            Self { text: span.text.clone(), style: Style { weight, ink, ..style }, link }
        };
        text.0.iter().map(piece).collect()
    }

    /// A value, in the ink of links when it can be followed.
    pub fn value(value: &Value, link: Option<&str>, style: Style) -> Self {
        let link = safe_link(link).map(str::to_owned);
        let ink = if link.is_some() { Ink::Link } else { style.ink };
        Self { text: value.display(), style: Style { ink, ..style }, link }
    }
}

/// Glyphs of one face and one style, ready to paint.
#[derive(Clone, Debug)]
pub(crate) struct Run {
    pub text: String,
    pub glyphs: Vec<KrillaGlyph>,
    pub font: Font,
    pub style: Style,
    pub link: Option<String>,
    pub width: f32,
}

#[derive(Clone, Debug)]
pub(crate) struct Line {
    pub runs: Vec<Run>,
    pub width: f32,
    pub leading: f32,
    /// From the top of the line down to the line that letters stand on.
    pub ascent: f32,
}

struct Typeface {
    font: Font,
    shaper: rustybuzz::Face<'static>,
    plan: ShapePlan,
    advances: HashMap<char, f32>,
    units: f32,
}

impl Typeface {
    fn load(data: &'static [u8]) -> Self {
        let reason = "the typeface is compiled into the program";
        let shaper = rustybuzz::Face::from_slice(data, 0).expect(reason);
        // The faces hold alphabets that are written letter after letter, so the plan for one of them serves all;
        // making one for each run of text would cost more than everything else here.
        let plan = ShapePlan::new(&shaper, Direction::LeftToRight, Some(script::LATIN), None, &[]);
        let font = Font::new(data.into(), 0).expect(reason);
        let units = shaper.units_per_em() as f32;
        let advances = advances(&shaper, units);
        Self { font, units, shaper, plan, advances }
    }

    fn advance(&self, c: char) -> Option<f32> {
        self.advances.get(&c).copied()
    }
}

fn advances(face: &rustybuzz::Face, units: f32) -> HashMap<char, f32> {
    let mut advances = HashMap::new();
    let tables = face.tables().cmap.into_iter().flat_map(|cmap| cmap.subtables);
    for table in tables.filter(|table| table.is_unicode()) {
        table.codepoints(|point| {
            let glyph = table.glyph_index(point).filter(|glyph| glyph.0 != 0);
            let advance = glyph.and_then(|glyph| face.glyph_hor_advance(glyph));
            if let (Some(c), Some(advance)) = (char::from_u32(point), advance) {
                advances.insert(c, f32::from(advance) / units);
            }
        });
    }
    advances
}

static TEXT_FACE: LazyLock<Typeface> = LazyLock::new(|| Typeface::load(epaint_default_fonts::UBUNTU_LIGHT));
static FIXED_FACE: LazyLock<Typeface> = LazyLock::new(|| Typeface::load(epaint_default_fonts::HACK_REGULAR));

/// Stands for every character that no face has.
const REPLACEMENT: char = '▯';

#[derive(Clone, Copy, PartialEq, Eq)]
enum Face {
    Text,
    Fixed,
    Missing,
}

impl Face {
    fn typeface(self) -> &'static Typeface {
        match self {
            Self::Text => &TEXT_FACE,
            Self::Fixed | Self::Missing => &FIXED_FACE,
        }
    }
}

/// One character on its way into a line.
struct Mark {
    c: char,
    piece: usize,
    face: Face,
    advance: f32,
}

fn marks(pieces: &[Piece]) -> Vec<Mark> {
    let mut marks = Vec::new();
    for (piece, Piece { text, style, .. }) in pieces.iter().enumerate() {
        for c in text.nfc().filter_map(printable) {
            let faces = if style.fixed_width { [Face::Fixed, Face::Text] } else { [Face::Text, Face::Fixed] };
            let found = faces.into_iter().find_map(|face| Some((face, face.typeface().advance(c)?)));
            let (face, advance) = match found {
                Some(found) => found,
                None if c == '\n' => (Face::Text, 0.0),
                None => (Face::Missing, FIXED_FACE.advance(REPLACEMENT).unwrap_or(0.6)),
            };
            let advance = advance * style.size;
            marks.push(Mark { c, piece, face, advance });
        }
    }
    marks
}

/// White space becomes a plain space; what would be invisible or would turn the reading direction is left out.
fn printable(c: char) -> Option<char> {
    match c {
        '\n' | '\u{2028}' | '\u{2029}' => Some('\n'),
        '\u{a0}' | '\u{2007}' | '\u{202f}' => Some('\u{a0}'),
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180e}' => None,
        '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' => None,
        '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{e0000}'..='\u{e0fff}' => None,
        c if c.is_whitespace() => Some(' '),
        c if c.is_control() => None,
        c => Some(c),
    }
}

/// Breaks at spaces, after hyphens and slashes between words, and inside a word only when it fills a line alone.
pub(crate) fn wrap(pieces: &[Piece], width: f32) -> Vec<Line> {
    let marks = marks(pieces);
    let mut lines = Vec::new();
    let mut start = 0;
    while start < marks.len() {
        let (end, next) = line_end(&marks, start, width);
        lines.push(set_line(pieces, &marks[start..end]));
        start = next;
    }
    lines
}

/// All of it on one line, for text that must not be torn apart.
pub(crate) fn single_line(piece: Piece) -> Line {
    let pieces = [piece];
    let mut marks = marks(&pieces);
    for mark in marks.iter_mut().filter(|mark| mark.c == '\n') {
        mark.c = ' ';
    }
    set_line(&pieces, &marks)
}

/// Where the line that starts at `start` ends, and where the next one starts.
fn line_end(marks: &[Mark], start: usize, width: f32) -> (usize, usize) {
    // Room for rounding: a line that was measured to fit must fit again.
    let limit = width + 0.01;
    let mut used = 0.0;
    let mut last_break = None;
    for (i, mark) in marks.iter().enumerate().skip(start) {
        if mark.c == '\n' {
            return (i, i + 1);
        }
        if mark.c == ' ' {
            last_break = Some((i, i + 1));
        } else if used + mark.advance > limit && i > start {
            return last_break.unwrap_or_else(|| {
                let mut cut = i;
                while cut > start + 1 && is_combining_mark(marks[cut].c) {
                    cut -= 1;
                }
                (cut, cut)
            });
        }
        used += mark.advance;
        let between_words =
            matches!(mark.c, '-' | '/' | '–' | '—') && marks.get(i + 1).is_some_and(|next| next.c.is_alphabetic());
        if between_words && used <= limit && i > start {
            last_break = Some((i + 1, i + 1));
        }
    }
    (marks.len(), marks.len())
}

fn set_line(pieces: &[Piece], marks: &[Mark]) -> Line {
    let blank = marks.iter().rev().take_while(|mark| mark.c == ' ').count();
    let marks = &marks[..marks.len() - blank];
    let runs: Vec<Run> = marks
        .chunk_by(|a, b| a.piece == b.piece && a.face == b.face)
        .map(|chunk| {
            let text: String = chunk.iter().map(|mark| mark.c).collect();
            shape(text, chunk[0].face, &pieces[chunk[0].piece])
        })
        .collect();
    let tallest = pieces.iter().map(|piece| piece.style.size).fold(0.0, f32::max);
    Line { width: runs.iter().map(|run| run.width).sum(), runs, leading: tallest * 1.36, ascent: tallest * 1.02 }
}

fn shape(text: String, face: Face, piece: &Piece) -> Run {
    let typeface = face.typeface();
    let glyphs = match face {
        Face::Missing => replacements(&text),
        Face::Text | Face::Fixed => glyphs(&text, typeface),
    };
    let advance: f32 = glyphs.iter().map(|glyph| glyph.x_advance).sum();
    Run {
        text,
        glyphs,
        font: typeface.font.clone(),
        style: piece.style,
        link: piece.link.clone(),
        width: advance * piece.style.size,
    }
}

fn glyphs(text: &str, typeface: &Typeface) -> Vec<KrillaGlyph> {
    let mut buffer = UnicodeBuffer::new();
    buffer.push_str(text);
    buffer.set_script(script::LATIN);
    buffer.set_direction(Direction::LeftToRight);
    let shaped = rustybuzz::shape_with_plan(&typeface.shaper, &typeface.plan, buffer);
    let mut starts: Vec<usize> = shaped.glyph_infos().iter().map(|info| info.cluster as usize).collect();
    starts.sort_unstable();
    let em = |units: i32| units as f32 / typeface.units;
    shaped
        .glyph_infos()
        .iter()
        .zip(shaped.glyph_positions())
        .map(|(info, at)| {
            let start = info.cluster as usize;
            let after = starts.partition_point(|other| *other <= start);
            let end = starts.get(after).copied().unwrap_or(text.len());
            KrillaGlyph::new(
                GlyphId::new(info.glyph_id),
                em(at.x_advance),
                em(at.x_offset),
                em(at.y_offset),
                em(at.y_advance),
                start..end,
                None,
            )
        })
        .collect()
}

/// One box for each character, which stays in the text behind the glyphs.
fn replacements(text: &str) -> Vec<KrillaGlyph> {
    let glyph = FIXED_FACE.shaper.glyph_index(REPLACEMENT);
    let id = GlyphId::new(glyph.map_or(0, |glyph| u32::from(glyph.0)));
    let advance = FIXED_FACE.advance(REPLACEMENT).unwrap_or(0.6);
    text.char_indices()
        .map(|(at, c)| {
            let range = at..at + c.len_utf8();
            KrillaGlyph::new(id, advance, 0.0, 0.0, 0.0, range, None)
        })
        .collect()
}
