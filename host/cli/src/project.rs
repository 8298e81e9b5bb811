//! A capsule on disk: its manifest and its component.

use std::path::{Path, PathBuf};

use boll_host::Digest;
use boll_host::capsule::Manifest;

use crate::failure::{Code, Done, Failure};
use crate::foreign;
use crate::report::reporter::Reporter;
use crate::session;
use crate::toolchain::build::{BuildRequest, Built, build};

const MANIFEST: &str = "Capsule.toml";

/// A capsule's folder, with its manifest read.
pub(crate) struct Project {
    pub(crate) manifest: Manifest,
    /// What the manifest was read from.
    pub(crate) text: String,
    /// The manifest's own path.
    pub(crate) path: PathBuf,
    folder: PathBuf,
}

/// A component's bytes.
pub(crate) struct Component {
    pub(crate) path: PathBuf,
    pub(crate) bytes: Vec<u8>,
    pub(crate) digest: Digest,
}

impl Project {
    /// Reads the manifest in a folder, or the manifest itself.
    pub(crate) fn open(named: &Path) -> Done<Self> {
        let (folder, manifest) = if named.is_dir() {
            (named.to_owned(), named.join(MANIFEST))
        } else {
            // `Capsule.toml` alone has a parent, but an empty one.
            let folder = named.parent().filter(|folder| *folder != "");
            (
                folder.unwrap_or(Path::new(".")).to_owned(),
                named.to_owned(),
            )
        };
        let text = foreign::text(&manifest).map_err(|error| {
            Failure::new(
                Code::Input,
                format!("cannot read {}: {error}", manifest.display()),
            )
            .hint(format!("a capsule is a folder with a {MANIFEST}"))
        })?;
        Ok(Self {
            manifest: Manifest::parse(&manifest.display().to_string(), &text)?,
            text,
            path: manifest,
            folder,
        })
    }

    /// Where the manifest stands.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// The component: the one that the manifest names, or the one that is
    /// built from the folder.
    pub(crate) fn component(&self, reporter: &Reporter) -> Done<Component> {
        let path = match &self.manifest.component {
            Some(component) => self.folder.join(component),
            None => self.build(reporter)?.component,
        };
        Component::read(&path)
    }

    /// Builds the component when it is stale.
    pub(crate) fn build(&self, reporter: &Reporter) -> Done<Built> {
        if self.manifest.component.is_some() {
            return Err(Failure::new(
                Code::Input,
                format!(
                    "{} names its component: there is nothing to build",
                    self.manifest.id
                ),
            ));
        }
        let request = BuildRequest {
            directory: &self.folder,
            tool: self.manifest.build,
            cache: &session::cache_folder()?,
        };
        Ok(build(&request, reporter)?)
    }
}

impl Component {
    /// Reads one from its file.
    pub(crate) fn read(path: &Path) -> Done<Self> {
        let bytes = foreign::component(path).map_err(|error| {
            Failure::new(
                Code::Input,
                format!("cannot read the component {}: {error}", path.display()),
            )
        })?;
        Ok(Self {
            digest: Digest::of(&bytes),
            path: path.to_owned(),
            bytes,
        })
    }
}

/// Whether a path names a component's file, rather than a capsule's folder or manifest.
pub(crate) fn is_component(path: &Path) -> bool {
    path.extension().is_some_and(|end| end == "wasm")
}
