//! The frame around every page: document head, navigation, breadcrumbs, heading, flash and banner.

use maud::{DOCTYPE, Markup, Render, html};

use crate::alert::{Flash, flash};
use crate::assets::{favicon_href, script_href, stylesheet_href};
use crate::badge::Tone;
use crate::icon::{Icon, icon};
use crate::palette::palette;

/// Which face of the product: the vendor's console, the partners' portal, or a page before sign-in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    Console,
    Portal,
    Public,
}

impl Side {
    const fn class(self) -> &'static str {
        match self {
            Self::Console => "side-console",
            Self::Portal => "side-portal",
            Self::Public => "side-public",
        }
    }

    const fn word(self) -> &'static str {
        match self {
            Self::Console => "Console",
            Self::Portal => "Partner portal",
            Self::Public => "",
        }
    }
}

/// One entry of the navigation; entries of one section stand together.
#[derive(Debug, Clone)]
pub struct NavItem {
    pub section: String,
    pub label: String,
    pub href: String,
    pub icon: Icon,
    pub active: bool,
    pub badge: Option<u64>,
}

/// Who is signed in.
#[derive(Debug, Clone)]
pub struct UserChip {
    pub name: String,
    /// Role or company, under the name.
    pub line: String,
    /// Links of the user's own menu: profile, keys, "view as partner".
    pub links: Vec<(String, String)>,
    pub sign_out: Option<SignOut>,
}

/// The form that ends the session.
#[derive(Debug, Clone)]
pub struct SignOut {
    pub action: String,
    pub csrf: String,
}

/// A step of the way here; the last one is the page itself and has no link.
#[derive(Debug, Clone)]
pub struct Crumb {
    pub label: String,
    pub href: String,
}

/// A line over the whole page: demo mode, progress of generation, "you view as …".
#[derive(Debug, Clone)]
pub struct Banner {
    pub tone: Tone,
    pub body: Markup,
    /// The path of an HTML fragment that replaces the body every few seconds.
    pub live: Option<String>,
}

/// A page. Start with [`Frame::new`], end with `render()`.
#[derive(Debug, Clone)]
pub struct Frame {
    pub title: String,
    pub side: Side,
    /// The name over the navigation: the program's or the product's.
    pub brand: String,
    /// A line under the heading.
    pub line: Option<Markup>,
    pub nav: Vec<NavItem>,
    pub user: Option<UserChip>,
    pub flash: Option<Flash>,
    pub breadcrumbs: Vec<Crumb>,
    pub actions: Option<Markup>,
    pub banner: Option<Banner>,
    pub body: Markup,
}

impl Frame {
    pub fn new(title: impl Into<String>, side: Side) -> Self {
        Self {
            title: title.into(),
            side,
            brand: "Concord".to_owned(),
            line: None,
            nav: Vec::new(),
            user: None,
            flash: None,
            breadcrumbs: Vec::new(),
            actions: None,
            banner: None,
            body: html! {},
        }
    }

    pub fn brand(mut self, brand: impl Into<String>) -> Self {
        self.brand = brand.into();
        self
    }

    pub fn line(mut self, line: impl Render) -> Self {
        self.line = Some(html! { (line) });
        self
    }

    pub fn nav(mut self, nav: Vec<NavItem>) -> Self {
        self.nav = nav;
        self
    }

    pub fn user(mut self, user: UserChip) -> Self {
        self.user = Some(user);
        self
    }

    pub fn flash(mut self, flash: Option<Flash>) -> Self {
        self.flash = flash;
        self
    }

    pub fn crumb(mut self, label: impl Into<String>, href: impl Into<String>) -> Self {
        self.breadcrumbs.push(Crumb { label: label.into(), href: href.into() });
        self
    }

    pub fn actions(mut self, actions: Markup) -> Self {
        self.actions = Some(actions);
        self
    }

    pub fn banner(mut self, banner: Option<Banner>) -> Self {
        self.banner = banner;
        self
    }

    pub fn body(mut self, body: Markup) -> Self {
        self.body = body;
        self
    }

    fn sidebar(&self) -> Markup {
        html! {
            aside.sidebar {
                div.topbar {
                    a.brand href="/" { (mark()) span { b { (self.brand) } small { (self.side.word()) } } }
                    a.icon-btn.top-search href="/search" data-palette aria-label="Search" { (icon(Icon::Search)) }
                    input.nav-toggle.sr #nav-toggle type="checkbox" aria-label="Menu";
                    label.icon-btn.menu-btn for="nav-toggle" aria-hidden="true" { (icon(Icon::Menu)) }
                }
                div.drawer {
                    a.search-link href="/search" data-palette {
                        (icon(Icon::Search)) span { "Search" } kbd { "Ctrl K" }
                    }
                    nav aria-label="Main" { (navigation(&self.nav)) }
                    div.drawer-foot {
                        @if let Some(user) = &self.user { (user_menu(user)) }
                        button.theme-btn type="button" data-theme-toggle hidden { (icon(Icon::Theme)) span { "Theme" } }
                    }
                }
            }
        }
    }

    fn main(&self) -> Markup {
        html! {
            main #main tabindex="-1" {
                @if !self.breadcrumbs.is_empty() {
                    nav.crumbs aria-label="Breadcrumbs" {
                        ol {
                            @for crumb in &self.breadcrumbs { li { a href=(crumb.href) { (crumb.label) } } }
                            li aria-current="page" { (self.title) }
                        }
                    }
                }
                header.page-head {
                    div {
                        h1 { (self.title) }
                        @if let Some(line) = &self.line { div.sub { (line) } }
                    }
                    @if let Some(actions) = &self.actions { div.actions { (actions) } }
                }
                @if let Some(message) = &self.flash { (flash(message)) }
                (self.body)
            }
        }
    }
}

impl Render for Frame {
    fn render(&self) -> Markup {
        let body = html! {
            a.skip href="#main" { "Skip to the content" }
            @if let Some(banner) = &self.banner {
                div class={ "banner " (banner.tone.class()) } role="status" data-live=[banner.live.as_ref()] { (banner.body) }
            }
            div.layout { (self.sidebar()) (self.main()) }
            (palette())
            (confirm_dialog())
        };
        document(&format!("{} · {}", self.title, self.brand), self.side, &body)
    }
}

/// The document around a body; the script stands in the head so that the chosen theme is set before the first paint.
pub(crate) fn document(title: &str, side: Side, body: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" class=(side.class()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) }
                link rel="icon" type="image/svg+xml" href=(favicon_href());
                link rel="stylesheet" href=(stylesheet_href());
                script src=(script_href()) {}
            }
            body { (body) }
        }
    }
}

/// The product's mark: two arcs that meet.
pub(crate) fn mark() -> Markup {
    html! {
        svg.mark viewBox="0 0 32 32" width="28" height="28" aria-hidden="true" focusable="false" {
            rect.mark-ground width="32" height="32" rx="8" {}
            path d="M18.5 10.2a7 7 0 1 0 0 11.6" fill="none" stroke="#fff" stroke-width="3" stroke-linecap="round" {}
            path d="M16.5 13.4a3.6 3.6 0 1 1 0 5.2" fill="none" stroke="#fff" stroke-width="3" stroke-linecap="round" opacity=".75" {}
        }
    }
}

fn navigation(items: &[NavItem]) -> Markup {
    html! {
        @for section in items.chunk_by(|a, b| a.section == b.section) {
            @if !section[0].section.is_empty() { p.nav-section { (section[0].section) } }
            ul.nav {
                @for item in section {
                    li {
                        a href=(item.href) aria-current=[item.active.then_some("page")] {
                            (icon(item.icon)) span { (item.label) }
                            @if let Some(badge) = item.badge { span.count { (badge) } }
                        }
                    }
                }
            }
        }
    }
}

fn user_menu(user: &UserChip) -> Markup {
    let initials: String = user.name.split_whitespace().filter_map(|word| word.chars().next()).take(2).collect();
    html! {
        details.user {
            summary {
                span.avatar aria-hidden="true" { (initials.to_uppercase()) }
                span.user-name { b { (user.name) } small { (user.line) } }
            }
            div.user-menu {
                @for (label, href) in &user.links { a href=(href) { (label) } }
                @if let Some(out) = &user.sign_out {
                    form method="post" action=(out.action) {
                        input type="hidden" name="csrf" value=(out.csrf);
                        button type="submit" { (icon(Icon::SignOut)) "Sign out" }
                    }
                }
            }
        }
    }
}

/// One dialog for every question; the script fills it.
fn confirm_dialog() -> Markup {
    html! {
        dialog.dialog #confirm aria-labelledby="confirm-question" {
            form method="dialog" {
                h2 #confirm-question {}
                p data-consequence-text {}
                div.actions {
                    button.btn type="submit" value="no" { "Keep it as it is" }
                    button.btn.btn-danger type="submit" value="yes" { "Go ahead" }
                }
            }
        }
    }
}
