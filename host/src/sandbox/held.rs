//! What is given back when nothing of a sandbox is left.

use std::any::Any;

/// Something that is given back when a sandbox has gone, however it goes.
pub(crate) type Held = Box<dyn Any + Send + Sync>;
