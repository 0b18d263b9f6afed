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
pub mod pdf;
mod table;
#[cfg(test)]
mod tests;
mod typeset;
mod words;

pub use html::DOC_CSS;
pub use model::*;
pub use number::Number;
