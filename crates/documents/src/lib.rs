//! Documents: numbered, hashed artefacts such as statements and agreements, held as a small model of blocks and
//! rendered from it to a page ([`html`]) and to paper ([`pdf`]), byte for byte the same every time.
//!
//! The model is what is stored, hashed and signed; the renderings are derived and can be made again at any time.

mod blocks;
mod canonical;
pub mod html;
mod layout;
pub mod model;
pub mod number;
mod operations;
mod pages;
pub mod pdf;
mod store;
mod table;
#[cfg(test)]
mod tests;
mod typeset;
mod words;

pub use html::DOC_CSS;
pub use model::*;
pub use number::Number;
pub use operations::{DocumentDetail, GetDocument, ListDocuments, NewDocument, issue};
pub use store::Stored;

kernel::ids! { DocumentId = DocumentKind "doc" }

/// Adds the table of documents, their queries and pages.
pub fn install(registry: &mut kernel::Registry) {
    registry
        .migration("documents/001", include_str!("../migrations/001_documents.sql"))
        .migration("documents/002", include_str!("../migrations/002_orders.sql"))
        .sealed("document", "id")
        .query::<GetDocument>()
        .query::<ListDocuments>();
    pages::install(registry);
}
