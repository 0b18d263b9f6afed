//! The icon set: small stroke drawings on a 24-unit grid, placed inline so that they take the color of their text.

use maud::{Markup, PreEscaped, html};

/// The drawings there are, named after what they stand for here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Icon {
    Home,
    Partners,
    Person,
    Deals,
    Money,
    Statement,
    Gate,
    Check,
    Tick,
    Warning,
    Stop,
    Info,
    Clock,
    Search,
    Menu,
    Theme,
    Settings,
    Log,
    Procedure,
    Chart,
    Bell,
    Key,
    Upload,
    Download,
    Filter,
    Next,
    Copy,
    Plus,
    External,
    Book,
    Law,
    Finding,
    Integration,
    Document,
    Inbox,
    Star,
    SignOut,
}

impl Icon {
    /// Every icon, for the gallery.
    pub const ALL: [Icon; 37] = [
        Icon::Home,
        Icon::Partners,
        Icon::Person,
        Icon::Deals,
        Icon::Money,
        Icon::Statement,
        Icon::Gate,
        Icon::Check,
        Icon::Tick,
        Icon::Warning,
        Icon::Stop,
        Icon::Info,
        Icon::Clock,
        Icon::Search,
        Icon::Menu,
        Icon::Theme,
        Icon::Settings,
        Icon::Log,
        Icon::Procedure,
        Icon::Chart,
        Icon::Bell,
        Icon::Key,
        Icon::Upload,
        Icon::Download,
        Icon::Filter,
        Icon::Next,
        Icon::Copy,
        Icon::Plus,
        Icon::External,
        Icon::Book,
        Icon::Law,
        Icon::Finding,
        Icon::Integration,
        Icon::Document,
        Icon::Inbox,
        Icon::Star,
        Icon::SignOut,
    ];

    const fn path(self) -> &'static str {
        match self {
            Self::Home => "M4 11 12 4l8 7v8a1 1 0 0 1-1 1h-4v-6h-6v6H5a1 1 0 0 1-1-1z",
            Self::Partners => {
                "M3 19v-1a5 5 0 0 1 5-5h2a5 5 0 0 1 5 5v1M9 10a3 3 0 1 0 0-6 3 3 0 0 0 0 6M16 4.5a3 3 0 0 1 0 5.2M18 13.6a5 5 0 0 1 3 4.4v1"
            }
            Self::Person => "M5 20v-1a6 6 0 0 1 6-6h2a6 6 0 0 1 6 6v1M12 10a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7",
            Self::Deals => "M4 8h16v11H4zM9 8V5h6v3M4 13h16M12 12v2",
            Self::Money => {
                "M9 13a6 3 0 1 0 0-6 6 3 0 0 0 0 6M3 10v4c0 1.7 2.7 3 6 3M3 14v3c0 1.7 2.7 3 6 3M15 10v1M15 17a6 3 0 0 0 6-3 6 3 0 0 0-12 0 6 3 0 0 0 6 3M9 14v4c0 1.7 2.7 3 6 3s6-1.3 6-3v-4"
            }
            Self::Statement => "M6 3h12v18l-3-2-3 2-3-2-3 2zM9 8h6M9 12h6",
            Self::Gate => "M12 3l7 3v5c0 4.5-2.8 8.2-7 10-4.2-1.8-7-5.5-7-10V6zM9 12l2.2 2.2L15.5 10",
            Self::Check => "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18M8 12.5l2.7 2.7L16 9.5",
            Self::Tick => "M5 12.5l4.5 4.5L19 7.5",
            Self::Warning => "M12 4 2.8 20h18.4zM12 10v4.5M12 17.3v.2",
            Self::Stop => "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18M9 9l6 6M15 9l-6 6",
            Self::Info => "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18M12 11v5.5M12 7.6v.2",
            Self::Clock => "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18M12 7v5l3.5 2",
            Self::Search => "M10.5 17a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13M15.3 15.3 20 20",
            Self::Menu => "M4 7h16M4 12h16M4 17h16",
            Self::Theme => "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18M12 3v18M12 8l6-3M12 13l8.5-4M12 18l8-4",
            Self::Settings => {
                "M4 7h9M17 7h3M4 17h3M11 17h9M15 9a2 2 0 1 0 0-4 2 2 0 0 0 0 4M9 19a2 2 0 1 0 0-4 2 2 0 0 0 0 4"
            }
            Self::Log => "M5 5h14v4H5zM5 15h14v4H5zM9 9v6M15 9v6",
            Self::Procedure => "M4 4h6v5H4zM14 15h6v5h-6zM7 9v6.5a2 2 0 0 0 2 2h5M17 15V8.5a2 2 0 0 0-2-2h-5",
            Self::Chart => "M4 4v16h16M8 16v-4M12 16V8M16 16v-6",
            Self::Bell => "M6 16V11a6 6 0 0 1 12 0v5l1.5 2h-15zM10 20.5a2.2 2.2 0 0 0 4 0",
            Self::Key => "M8 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8M12 12h9M17 12v4M20.5 12v2.5",
            Self::Upload => "M12 16V5M7.5 9 12 4.5 16.5 9M4 19.5h16",
            Self::Download => "M12 4v11.5M7.5 11.5 12 16l4.5-4.5M4 19.5h16",
            Self::Filter => "M4 6h16M7 12h10M10 18h4",
            Self::Next => "M9 5l7 7-7 7",
            Self::Copy => "M9 9h11v11H9zM5 15H4V4h11v1",
            Self::Plus => "M12 5v14M5 12h14",
            Self::External => "M13 4h7v7M20 4l-9 9M18 14v6H4V6h6",
            Self::Book => "M5 19.5V5a2 2 0 0 1 2-2h12v14H7a2 2 0 0 0-2 2.5zM5 19.5A1.5 1.5 0 0 0 6.5 21H19v-4",
            Self::Law => "M12 4v16M8 20h8M5 7h14M5 7l-2.5 6.5a3 3 0 0 0 5 0zM19 7l-2.5 6.5a3 3 0 0 0 5 0z",
            Self::Finding => "M6 21V4M6 5c4-2.5 7 2.5 12 0v9c-5 2.5-8-2.5-12 0",
            Self::Integration => "M9 3v5M15 3v5M6 8h12v3a6 6 0 0 1-12 0zM12 17v4",
            Self::Document => "M6 3h8l4 4v14H6zM14 3v4h4M9 12h6M9 16h6",
            Self::Inbox => "M4 14 7 5h10l3 9v5H4zM4 14h5l1 2h4l1-2h5",
            Self::Star => "M12 4l2.4 5.1 5.6.7-4.1 3.9 1 5.5L12 16.5l-4.9 2.7 1-5.5L4 9.8l5.6-.7z",
            Self::SignOut => "M14 4H5v16h9M10 12h11M17.5 8.5 21 12l-3.5 3.5",
        }
    }
}

/// An icon as decoration: the words beside it carry the meaning.
pub fn icon(icon: Icon) -> Markup {
    html! {
        svg.icon viewBox="0 0 24 24" width="18" height="18" fill="none" stroke="currentColor" stroke-width="1.7"
            stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" focusable="false" {
            path d=(PreEscaped(icon.path())) {}
        }
    }
}
