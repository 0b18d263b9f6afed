//! Pages and paper: what is on which sheet, what never breaks, what is safe.

use proptest::prelude::*;

use super::sample::*;
use crate::layout::{Item, PAGE_WIDTH, sheets};
use crate::*;

/// The lines of text of each sheet, in the order they are drawn.
fn printed(document: &Document) -> Vec<Vec<String>> {
    let line = |item: &Item| match item {
        Item::Text { line, .. } => Some(line.runs.iter().map(|run| run.text.as_str()).collect()),
        Item::Box { .. } => None,
    };
    sheets(document).iter().map(|sheet| sheet.iter().filter_map(line).collect()).collect()
}

fn with_blocks(blocks: Vec<Block>) -> Document {
    Document { blocks, ..blank() }
}

fn contains(haystack: &[u8], needle: &str) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle.as_bytes())
}

#[test]
fn the_same_document_gives_the_same_bytes() {
    let document = statement(40);
    let copy: Document = serde_json::from_str(&document.canonical_json()).unwrap();
    let origin = Some("https://partners.northwind.example");
    assert!(pdf::render(&document, origin).unwrap() == pdf::render(&copy, origin).unwrap());
    assert_eq!(html::render(&document).0, html::render(&copy).0);
}

#[test]
fn a_statement_is_a_small_archivable_file_dated_by_its_issue() {
    let pdf = pdf::render(&statement(4), None).unwrap();
    assert!(pdf.starts_with(b"%PDF-"));
    assert!(pdf.len() < 60_000, "{} bytes", pdf.len());
    assert!(contains(&pdf, "2026-03-03T00:00:00"));
    assert!(contains(&pdf, "<pdfaid:part>2</pdfaid:part>"));
    assert!(contains(&pdf, "Northwind Cloud GmbH"));
}

#[test]
fn a_long_statement_takes_several_sheets_and_counts_them() {
    let document = statement(120);
    let sheets = printed(&document);
    let total = sheets.len();
    assert!((4..=6).contains(&total), "{total} sheets");
    let pdf = pdf::render(&document, None).unwrap();
    assert!(contains(&pdf, &format!("/Count {total}")));
    for (at, sheet) in sheets.iter().enumerate() {
        assert!(sheet.contains(&format!("Page {} of {total}", at + 1)), "{sheet:?}");
        assert!(sheet.iter().any(|line| line.contains("Northwind Cloud GmbH")));
        assert!(sheet.contains(&"NW-STM-2026-00042".to_owned()));
        let has_lines = sheet.iter().any(|line| line.starts_with("INV-"));
        assert_eq!(has_lines, sheet.contains(&"Commission".to_owned()), "head repeats: {sheet:?}");
    }
    assert!(sheets.iter().flatten().any(|line| line == "Region Benelux (continued)"));
}

#[test]
fn every_amount_is_printed_and_keeps_its_link() {
    let document = statement(120);
    let all = printed(&document).concat();
    for block in &document.blocks {
        let Block::Table(table) = block else { continue };
        for cell in table.rows.iter().flat_map(|row| &row.cells) {
            assert!(all.contains(&cell.value.display()) || cell.value.display().len() > 30);
        }
    }
    let linked = |line: &crate::typeset::Line| line.runs.iter().any(|run| run.link.is_some());
    let links = sheets(&document)
        .iter()
        .flatten()
        .filter(|item| matches!(item, Item::Text { line, .. } if linked(line)))
        .count();
    assert_eq!(links, 122, "120 decisions and the plan twice");
}

#[test]
fn links_can_be_followed_once_the_site_is_known() {
    let link = |href: &str| with_blocks(vec![Block::paragraph(Text::default().link("why", href))]);
    let site = Some("https://partners.northwind.example/");
    for (href, origin, address) in [
        ("/decisions/dec_1", site, Some("(https://partners.northwind.example/decisions/dec_1)")),
        ("/decisions/dec_1", None, None),
        ("https://example.com/é", None, Some("(https://example.com/%C3%A9)")),
        ("mailto:a@example.com", None, Some("(mailto:a@example.com)")),
        ("#totals", site, None),
        ("//evil.example", site, None),
        ("javascript:alert(1)", site, None),
        ("/a\\b", site, None),
    ] {
        let pdf = pdf::render(&link(href), origin).unwrap();
        assert_eq!(contains(&pdf, "/URI"), address.is_some(), "{href}");
        assert!(address.is_none_or(|address| contains(&pdf, address)), "{href}");
    }
}

#[test]
fn a_total_never_stands_alone_on_a_sheet() {
    for lines in 1..=75 {
        for sheet in printed(&statement(lines)) {
            for (at, line) in sheet.iter().enumerate() {
                if line == "Subtotal" || line.starts_with("Total commission") {
                    let before = sheet[..at].iter().any(|line| line.starts_with("INV-"));
                    assert!(before, "{lines} lines: {sheet:?}");
                }
                if line.starts_with("Region ") {
                    let after = sheet[at + 1..].iter().any(|line| line.starts_with("INV-"));
                    assert!(after, "{lines} lines: {sheet:?}");
                }
            }
        }
    }
}

#[test]
fn a_cell_taller_than_a_sheet_goes_on_over_the_next_ones() {
    let words: Vec<String> = (0..3000).map(|i| format!("word{i}")).collect();
    let row = Row::line(vec!["tall".into(), Cell::text(words.join(" ")), euros(1).into()]);
    let columns = vec![Column::new("A", 1), Column::new("B", 1), Column::figures("C", 1)];
    let table = Table { columns, rows: vec![row], ..Table::default() };
    let sheets = printed(&with_blocks(vec![Block::Table(table)]));
    assert!(sheets.len() > 5);
    let found: Vec<&str> =
        sheets.iter().flatten().flat_map(|line| line.split(' ')).filter(|word| word.starts_with("word")).collect();
    assert_eq!(found, words);
}

#[test]
fn amounts_are_never_torn_apart() {
    let huge = euros(123_456_789_012_345);
    let rows = vec![Row::line(vec![Cell::text("x".repeat(400)), huge.into(), huge.into()])];
    let columns = vec![Column::new("A", 900), Column::figures("B", 1), Column::figures("C", 1)];
    let table = Table { columns, rows, ..Table::default() };
    let lines = printed(&with_blocks(vec![Block::Table(table)])).concat();
    assert_eq!(lines.iter().filter(|line| **line == huge.pretty()).count(), 2);
}

#[test]
fn long_words_stay_inside_the_page_and_whole() {
    let word = "Donaudampfschifffahrtsgesellschaft".repeat(30);
    let document = with_blocks(vec![Block::paragraph(word.as_str())]);
    for item in sheets(&document).iter().flatten() {
        if let Item::Text { x, line, .. } = item {
            assert!(x + line.width < PAGE_WIDTH - 40.0);
        }
    }
    assert!(printed(&document).concat().concat().contains(&word));
}

#[test]
fn characters_without_a_glyph_are_shown_as_missing_and_kept_as_text() {
    let document = with_blocks(vec![Block::paragraph("Tokyo 東京 office 🏢 e\u{301}\u{202e}!")]);
    let line = printed(&document).concat().into_iter().find(|line| line.starts_with("Tokyo"));
    assert_eq!(line.unwrap(), "Tokyo 東京 office 🏢 é!");
    pdf::render(&document, None).unwrap();
}

#[test]
fn odd_shapes_render() {
    let wide = Table {
        columns: columns(),
        rows: vec![Row::line(vec![Cell::text("many cells"); 80]), Row::total(vec![]), Row::group("alone")],
        ..Table::default()
    };
    let many = |text: &str| (0..120).map(|i| format!("{text} {i}")).collect::<Vec<_>>();
    let mut document = with_blocks(vec![
        Block::Table(Table::default()),
        Block::Table(wide),
        Block::PageBreak,
        Block::PageBreak,
        Block::Spacer,
        Block::note(Tone::Danger, "Long", many("remark").join("\n").as_str()),
        Block::Bars { title: String::new(), bars: vec![Bar { label: String::new(), value: euros(0) }] },
        Block::Signatures { parties: vec![] },
        Block::subsection("end"),
    ]);
    document.issuer.lines = many("issuer");
    document.recipient = Some(Party { name: String::new(), lines: many("recipient") });
    document.footer = many("small print").join(", ");
    let text = printed(&document).concat().join(" ");
    for expected in ["issuer 119", "recipient 119", "remark 119", "small print 119"] {
        assert!(text.contains(expected), "{expected}");
    }
    assert_eq!(text.matches("many").count(), 0, "80 columns break their words");
    pdf::render(&document, None).unwrap();
    html::render(&document);
}

#[test]
fn words_around_the_content_follow_the_language() {
    for (language, expected) in [
        ("en", "Page 1 of 1"),
        ("de-AT", "Seite 1 von 1"),
        ("fr", "Page 1 sur 1"),
        ("es_MX", "Página 1 de 1"),
        ("tlh", "Page 1 of 1"),
    ] {
        let document = Document { language: language.into(), ..blank() };
        assert!(printed(&document)[0].contains(&expected.to_owned()), "{language}");
    }
}

#[test]
fn html_escapes_hostile_text_and_follows_only_safe_links() {
    let hostile = r#""><script>alert(1)</script><img src=x onerror=alert(1)>"#;
    let mut document = statement(3);
    document.title = hostile.into();
    document.kind = hostile.into();
    document.language = hostile.into();
    document.issuer.name = hostile.into();
    document.blocks.push(Block::paragraph(
        Text::plain(hostile).link(hostile, "javascript:alert(1)").link("x", format!("/{hostile}")),
    ));
    document.blocks.push(Block::KeyValues {
        items: vec![KeyValue::new(hostile, Cell::text(hostile).linked("data:text/html,x").detail(hostile))],
    });
    let html = html::render(&document).into_string();
    for forbidden in ["<script", "<img", "javascript:", "data:text", "style=", " onerror=alert(1)>\""] {
        assert!(!html.contains(forbidden), "{forbidden}");
    }
    assert!(html.contains("&lt;script&gt;"));
}

#[test]
fn html_says_what_things_are() {
    let html = html::render(&statement(12)).into_string();
    for expected in [
        r#"<h1 class="doc-title">Commission statement</h1>"#,
        r#"<th scope="col" class="doc-end">Commission</th>"#,
        r#"<tr class="doc-group"><th scope="row" colspan="6">Region DACH</th></tr>"#,
        r#"<a href="/decisions/dec_01jm000000"><data class="doc-amount" value="EUR 118.51">€118.51</data></a>"#,
        r#"<time datetime="2026-03-03">2026-03-03</time>"#,
    ] {
        assert!(html.contains(expected), "{expected}");
    }
}

#[test]
fn every_class_has_its_style() {
    let html = html::render(&statement(12)).into_string();
    let classes = html.split("class=\"").skip(1).filter_map(|rest| rest.split('"').next());
    for class in classes.flat_map(|classes| classes.split(' ')) {
        assert!(class.starts_with("doc"), "{class}");
        let plain = ["doc-recipient", "doc-hash", "doc-start", "doc-info"];
        assert!(plain.contains(&class) || DOC_CSS.contains(&format!(".{class}")), "{class}");
    }
}

/// A document that has this text in every place that takes text.
fn everywhere(text: &str) -> Document {
    let mut document = statement(2);
    document.title = text.into();
    document.language = text.into();
    document.kind = text.into();
    document.footer = text.into();
    document.issuer = Party { name: text.into(), lines: vec![text.into()] };
    document.facts = vec![KeyValue::new(text, Cell::text(text).detail(text).linked(text))];
    document.blocks = vec![
        Block::section(text),
        Block::paragraph(Text::plain(text).bold(text).link(text, format!("/{text}"))),
        Block::note(Tone::Info, text, text),
        Block::Seal { label: text.into(), sha256: text.into() },
        Block::Bars { title: text.into(), bars: vec![Bar { label: text.into(), value: euros(-5) }] },
        Block::Signatures { parties: vec![Signature { name: text.into(), role: text.into(), signed_on: None }; 3] },
        Block::Table(Table {
            caption: text.into(),
            columns: vec![Column::new(text, 1), Column::figures(text, 0)],
            rows: vec![
                Row::group(text),
                Row::line(vec![Cell::text(text).linked(format!("https://{text}")), euros(7).into(), Cell::text(text)]),
                Row::total(vec![text.into()]),
            ],
        }),
    ];
    document
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_renders(text in any::<String>(), times in 1_usize..20) {
        let document = everywhere(&text.repeat(times));
        let pdf = pdf::render(&document, Some("https://partners.northwind.example")).unwrap();
        prop_assert!(pdf.starts_with(b"%PDF-"));
        let html = html::render(&document).into_string();
        prop_assert!(html.ends_with("</article>"));
    }

    #[test]
    fn no_letter_is_lost_between_the_lines(text in "[a-zA-Z0-9/,. -]{0,4000}") {
        let letters = |text: &str| text.chars().filter(|c| *c != ' ').collect::<String>();
        let document = with_blocks(vec![Block::paragraph(text.as_str())]);
        let mut body = String::new();
        for sheet in printed(&document) {
            body.push_str(&letters(&sheet.concat()));
        }
        // On one sheet the paragraph stands in one piece; over several, heads and feet stand between.
        if sheets(&document).len() == 1 {
            prop_assert!(body.contains(&letters(&text)));
        }
    }
}
