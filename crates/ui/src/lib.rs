//! Concord's design system: page frame, components, charts and design tokens, rendered on the server with maud.
//!
//! Pages compose these pieces and never write their own CSS or script. Everything works without script; the one script
//! file adds comfort (palette, copying, confirmation, live counters). Nothing here needs more than
//! `script-src 'self'; style-src 'self'`: there is no inline script, no inline style and no event-handler attribute.
//!
//! Functions return [`Markup`]; structs with options implement [`Render`], so both are placed in `html!` the same way.

pub mod action;
pub mod alert;
mod assets;
pub mod badge;
pub mod chart;
pub mod compare;
pub mod figure;
pub mod form;
mod gallery;
pub mod icon;
pub mod list;
pub mod outcome;
pub mod page;
mod palette;
pub mod panel;
pub mod public;
mod section;
pub mod site;
pub mod steps;
pub mod table;
pub mod thing;
pub mod time;
pub mod timeline;
pub mod why;
pub mod words;

pub use action::{Confirm, PostButton, button, link_button, post_button};
pub use alert::{Empty, Flash, alert, empty_state, flash};
pub use assets::{Asset, assets, favicon_href, script_href, stylesheet_href};
pub use badge::{Tone, badge, state_badge, state_tone};
pub use compare::{Change, code_block, comparison, diff_list};
pub use figure::{Stat, delta, money, progress, rate, ring, stat_grid};
pub use gallery::{gallery, gallery_of};
pub use icon::{Icon, icon};
pub use list::{Filter, ListView};
pub use maud::{DOCTYPE, Markup, PreEscaped, Render, html};
pub use outcome::outcome;
pub use page::{Banner, Crumb, Frame, NavItem, Side, SignOut, UserChip};
pub use panel::{Tab, card, grid, heading, id_chip, key_values, section, tabs};
pub use section::{Section, SectionSpec};
pub use site::{
    FileBody, FileSpec, NavSpec, PageCx, PageSpec, Refilled, ShownTo, View, datetime_text, entry, rule_title,
};
pub use steps::{Step, StepState, steps};
pub use table::{Bulk, Cell, Column, Row, Table};
pub use thing::{page_of, thing, word_for};
pub use time::{ago, datetime, day, due_chip};
pub use timeline::{Entry, timeline};
pub use why::Why;
pub use words::{humanize, prose};

/// The Content-Security-Policy under which every page of this crate works.
pub const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
     connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";
