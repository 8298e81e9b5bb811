//! Capsules: their ids, their manifests, and the registry of the loaded ones.

mod config_key;
mod id;
mod manifest;
mod registry;

pub use config_key::{ConfigKey, ConfigType, MAX_KEY_LEN, UnfitValue};
pub use id::{CapsuleId, CapsuleUuid, InvalidCapsuleId};
pub use manifest::{Action, BuildTool, InstanceRequest, Manifest};
pub use registry::CapsuleState;
pub(crate) use registry::{Capsule, Registry};
