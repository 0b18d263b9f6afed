//! The gallery stands for every page: what holds for it holds for what is built of the same components.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;

use kernel::Reason;
use ui::public::{ErrorPage, card_page, error_page};
use ui::{Side, gallery, gallery_of, html};

fn pages() -> Vec<String> {
    let reasons = [Reason::new("code", "A reason.")];
    let error = error_page(&ErrorPage {
        brand: "Concord",
        status: 500,
        sentence: "It broke.",
        reasons: &reasons,
        remedies: &["Try again.".to_owned()],
        request: Some("req_1"),
    });
    let card = card_page("Concord", "Sign in", "", &html! { p { "form" } });
    [gallery(), gallery_of(Side::Portal), card, error].map(maud::PreEscaped::into_string).to_vec()
}

/// Every opening tag of a page.
fn tags(page: &str) -> impl Iterator<Item = &str> {
    page.split('<').skip(1).map(|rest| rest.split('>').next().unwrap_or(""))
}

fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
    rest.split('"').next()
}

#[test]
fn pages_keep_the_content_security_policy() {
    for page in pages() {
        assert!(!page.contains("javascript:"));
        for tag in tags(&page) {
            assert!(!tag.contains(" style="), "<{tag}>");
            assert!(!tag.split_whitespace().any(|word| word.starts_with("on") && word.contains('=')), "<{tag}>");
            if tag.starts_with("script") {
                assert_eq!(attribute(tag, "src"), Some(ui::script_href()), "scripts are files");
            }
            assert!(!tag.starts_with("style"), "styles are files");
            for name in ["href", "src", "action"] {
                assert!(!attribute(tag, name).is_some_and(|to| to.contains("//")), "nothing from elsewhere: <{tag}>");
            }
        }
    }
}

#[test]
fn ids_are_unique_and_labels_find_their_controls() {
    for page in pages() {
        let mut ids = BTreeSet::new();
        for id in tags(&page).filter_map(|tag| attribute(tag, "id")) {
            assert!(ids.insert(id), "the id {id} is there twice");
        }
        for tag in tags(&page) {
            for (name, wanted) in [("for", "label"), ("aria-controls", "input"), ("aria-describedby", "control")] {
                for id in attribute(tag, name).into_iter().flat_map(str::split_whitespace) {
                    assert!(ids.contains(id), "{wanted} {name}={id} leads nowhere");
                }
            }
        }
    }
}

#[test]
fn every_posting_form_carries_its_token_and_every_button_says_what_it_is() {
    for page in pages() {
        for form in page.split("<form").skip(1).map(|rest| rest.split("</form>").next().unwrap()) {
            if form.split('>').next().unwrap().contains("method=\"post\"") {
                assert!(form.contains("name=\"csrf\""), "{form}");
            }
        }
        for tag in tags(&page).filter(|tag| tag.starts_with("button")) {
            assert!(attribute(tag, "type").is_some(), "<{tag}>");
        }
    }
}

#[test]
fn tags_are_balanced() {
    for page in pages() {
        for name in ["div", "section", "table", "form", "ul", "ol", "dl", "svg", "details", "figure", "main"] {
            let opened = tags(&page).filter(|tag| tag.split([' ', '/']).next() == Some(name)).count();
            assert_eq!(opened, page.matches(&format!("</{name}>")).count(), "{name}");
        }
    }
}

#[test]
fn the_whole_gallery_stays_below_the_page_budget() {
    let assets: usize = ui::assets().iter().map(|asset| asset.body.len()).sum();
    // Uncompressed; what is transferred is about a fifth of it.
    assert!(gallery().into_string().len() + assets < 160_000);
}
