//! Ids and manifests.

mod config_key;
mod config_value;
mod id;
mod manifest;

pub use config_key::{ConfigKey, ConfigType, MAX_KEY_LEN, UnfitValue};
pub use config_value::{ConfigSource, ConfigValue};
pub use id::{CapsuleId, CapsuleUuid, InvalidCapsuleId};
pub use manifest::{Action, BuildTool, InstanceMode, InstanceRequest, Manifest, ServiceRequest};
