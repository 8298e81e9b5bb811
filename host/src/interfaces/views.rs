//! Where a store has what the imports work on.

use super::files::FilesView;
use super::network::{HttpView, SocketsView};
use super::{CallContext, CallView};

/// Where a store's state has what the interfaces work on.
pub(crate) struct Views<T> {
    pub(crate) call: fn(&mut T) -> &mut CallContext,
    pub(crate) view: fn(&mut T) -> CallView<'_>,
    pub(crate) files: fn(&mut T) -> FilesView<'_>,
    pub(crate) sockets: fn(&mut T) -> SocketsView<'_>,
    pub(crate) http: fn(&mut T) -> HttpView<'_>,
}
