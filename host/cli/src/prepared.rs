//! A capsule on its way into a runtime: wanted, prepared, ready, loaded. Each of these
//! owns everything that is known about the capsule at that point.

use std::path::{Path, PathBuf};

use boll_host::capsule::CapsuleId;
use boll_host::policy::{FileAccess, GrantSet, Permissions, Requests};
use boll_host::{Digest, Load};

use crate::configuration;
use crate::failure::Done;
use crate::operator::{Given, Operator};
use crate::project::{Component, Project};
use crate::report::reporter::Reporter;
use crate::trust::Consent;
use crate::way;

/// A capsule that is to be loaded.
#[derive(Clone)]
pub(crate) struct Wanted {
    pub(crate) project: Project,
    /// Whether it is the one that is called.
    pub(crate) main: bool,
}

/// A component, and what the operator gives to exactly that one.
pub(crate) struct GivenComponent {
    pub(crate) component: Component,
    pub(crate) given: Given,
}

/// A capsule that is built and granted.
pub(crate) struct GrantedCapsule {
    pub(crate) wanted: Wanted,
    pub(crate) component: GivenComponent,
    pub(crate) grants: GrantSet,
}

/// A capsule with everything that is needed to load it.
pub(crate) struct Ready {
    pub(crate) load: Load,
    /// The hints for the error if it cannot be loaded.
    pub(crate) hints: Vec<String>,
    pub(crate) loaded: Loaded,
}

/// A capsule as it was last loaded.
#[derive(Clone)]
pub(crate) struct Loaded {
    pub(crate) wanted: Wanted,
    pub(crate) grants: GrantSet,
    pub(crate) version: Version,
}

/// What a loaded capsule was made of: equal for the same component under the same manifest.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Version {
    component: Digest,
    manifest: String,
}

impl Wanted {
    /// Returns the capsule that is called.
    pub(crate) fn main(project: Project) -> Self {
        Self {
            project,
            main: true,
        }
    }

    /// Returns a capsule that is loaded next to others.
    pub(crate) fn beside(project: Project) -> Self {
        Self {
            project,
            main: false,
        }
    }

    pub(crate) fn id(&self) -> &CapsuleId {
        &self.project.manifest.id
    }

    pub(crate) fn requests(&self) -> &Requests {
        &self.project.manifest.requests
    }

    /// Returns the same capsule as it is in its folder now.
    pub(crate) fn read_again(&self) -> Done<Self> {
        Ok(Self {
            project: self.project.read_again()?,
            main: self.main,
        })
    }

    /// Builds it, and gets what the operator gives to exactly that component.
    pub(crate) fn build(
        &self,
        operator: &Operator,
        consent: Consent,
        reporter: &Reporter,
    ) -> Done<GivenComponent> {
        let component = self.project.component(consent, reporter)?;
        let given = operator.given(&self.project.manifest, Some(component.digest))?;
        Ok(GivenComponent { component, given })
    }

    /// Returns the digest of the component that would be loaded, if that is known without
    /// building.
    pub(crate) fn digest(&self) -> Done<Option<Digest>> {
        let present = self.project.present()?;
        let fresh = present.filter(|present| !present.stale);
        Ok(fresh.map(|present| present.component.digest))
    }
}

impl GrantedCapsule {
    pub(crate) fn version(&self) -> Version {
        Version {
            component: self.component.component.digest,
            manifest: self.wanted.project.text.clone(),
        }
    }

    /// Returns the folders that it may write.
    pub(crate) fn written(&self, workspace: &Path) -> Vec<PathBuf> {
        let permissions = Permissions::new(self.wanted.requests(), &self.grants);
        let folders = permissions.folders();
        let written = folders
            .iter()
            .filter(|folder| folder.access == FileAccess::ReadWrite);
        written
            .map(|folder| way::place(&folder.place, workspace))
            .collect()
    }

    /// Does everything that is needed before loading it: judges its folders, and gathers
    /// its configuration, with `config` from the command line.
    pub(crate) fn ready(
        self,
        operator: &Operator,
        workspace: &Path,
        protected: &[PathBuf],
        config: &[(String, String)],
    ) -> Done<Ready> {
        let version = self.version();
        let Self {
            wanted,
            component: GivenComponent { component, given },
            grants,
        } = self;
        let manifest = &wanted.project.manifest;
        let permissions = Permissions::new(&manifest.requests, &grants);
        operator.check_folders(&permissions.folders(), workspace, protected)?;
        let flags = if wanted.main { config } else { &[] };
        let config = configuration::gather(manifest, &given, std::env::vars_os(), flags)?;
        let path = format!("the component is {}", component.path.display());
        let load = Load::new(manifest.clone(), component.bytes);
        Ok(Ready {
            load: load.grants(grants.clone()).config(config),
            hints: given.stale.into_iter().chain([path]).collect(),
            loaded: Loaded {
                wanted,
                grants,
                version,
            },
        })
    }
}
