//! Folders: what a manifest asks for, what a grant gives, and what comes of the
//! two.
//!
//! A manifest names a folder as the capsule sees it. Where that is on the host
//! is the operator's matter, and stands in the grant.

mod decide;
mod grant;
mod path;
mod request;

pub use decide::Folder;
pub use grant::{FileAccess, FilesGrant};
pub use path::{AbsolutePath, InvalidPath, WORKSPACE};
pub use request::FilesRequest;
