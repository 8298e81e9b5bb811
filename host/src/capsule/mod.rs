//! Capsules: their ids, their manifests, and what one is once it is loaded.

mod config_key;
mod config_value;
mod folders;
mod id;
mod loaded;
mod manifest;

pub use config_key::{ConfigKey, ConfigType, MAX_KEY_LEN, UnfitValue};
pub use config_value::{ConfigSource, ConfigValue};
pub use folders::{FolderCause, FolderError};
pub(crate) use folders::{Folders, WorkspaceFolder};
pub use id::{CapsuleId, CapsuleUuid, InvalidCapsuleId};
pub(crate) use loaded::Capsule;
pub use loaded::CapsuleState;
pub use manifest::{Action, BuildTool, InstanceMode, InstanceRequest, Manifest, ServiceRequest};
