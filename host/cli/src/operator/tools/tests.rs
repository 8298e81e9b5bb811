//! Toolchains as their installers leave them in a home.

use std::os::unix::fs::{PermissionsExt as _, symlink};

use super::*;

/// A home with what version managers put there.
struct Home(tempfile::TempDir);

impl Home {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    fn at(&self, path: &str) -> PathBuf {
        self.0.path().canonicalize().expect("a path").join(path)
    }

    fn put(&self, path: &str, text: &str) -> PathBuf {
        let path = self.at(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("folders");
        fs::write(&path, text).expect("written");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("chmod");
        path
    }

    fn machine(&self) -> Machine {
        Machine {
            home: Some(self.at("")),
            variable: |_| None,
        }
    }
}

#[test]
fn the_toolchain_of_rustup_is_taken_and_not_its_proxies() {
    let home = Home::new();
    home.put(".cargo/bin/cargo", "proxy");
    let settings = "default_toolchain = \"stable\"\n";
    home.put(".rustup/settings.toml", settings);
    home.put(
        ".rustup/toolchains/nightly-x86_64-unknown-linux-gnu/bin/rustc",
        "",
    );
    let name = ".rustup/toolchains/stable-x86_64-unknown-linux-gnu";
    home.put(&format!("{name}/bin/rustc"), "");
    let found = home.machine().find(Tool::Rust).expect("found");
    assert_eq!(found.shows, [home.at(name)]);
    assert_eq!(found.path, [home.at(name).join("bin")]);
    // A toolchain that is a link to another folder is that folder.
    let linked = home.put("build/stage2/bin/rustc", "");
    symlink(
        home.at("build/stage2"),
        home.at(".rustup/toolchains/stage2"),
    )
    .expect("a link");
    home.put(".rustup/settings.toml", "default_toolchain = \"stage2\"\n");
    let found = home.machine().find(Tool::Rust).expect("found");
    assert_eq!(found.path, [linked.parent().expect("a folder")]);
    home.put(".rustup/settings.toml", "default_toolchain = \"1.2\"\n");
    let missing = home.machine().find(Tool::Rust).expect_err("there is none");
    assert!(missing.contains("no toolchain `1.2`"), "{missing}");
}

#[test]
fn version_managers_have_a_version_by_default() {
    let home = Home::new();
    for version in ["v9.1.0", "v20.2.0", "v20.11.1", "v22.0.0"] {
        home.put(&format!(".nvm/versions/node/{version}/bin/node"), "");
    }
    home.put(".nvm/alias/default", "twenty\n");
    home.put(".nvm/alias/twenty", "20\n");
    let found = home.machine().find(Tool::Node).expect("found");
    assert_eq!(found.shows, [home.at(".nvm/versions/node/v20.11.1")]);
    home.put(".nvm/alias/default", "node\n");
    let found = home.machine().find(Tool::Node).expect("found");
    assert_eq!(found.shows, [home.at(".nvm/versions/node/v22.0.0")]);

    let python = home.put(".pyenv/versions/3.12.4/bin/python3.12", "");
    symlink("python3.12", home.at(".pyenv/versions/3.12.4/bin/python3")).expect("a link");
    home.put(".pyenv/version", "3.12.4\n");
    let found = home.machine().find(Tool::Python).expect("found");
    assert_eq!(found.path, [python.parent().expect("a folder")]);
}

#[test]
fn what_stands_for_a_program_is_not_it() {
    let home = Home::new();
    let proxy = home.put("bin/rustup", "");
    assert!(of_prefix(&proxy, Tool::Rust).is_err());
    let shim = home.put("shims/bin/python3", "#!/bin/sh\n");
    assert!(of_prefix(&shim, Tool::Python).is_err());
    let found = of_prefix(Path::new("/usr/bin/python3.11"), Tool::Python).expect("the system's");
    assert_eq!(found, Found::default());
    let found = of_prefix(Path::new("/nix/store/abc-nodejs/bin/node"), Tool::Node);
    assert_eq!(found.expect("found").shows, [Path::new(STORE)]);
}

thread_local! {
    static VARIABLES: std::cell::RefCell<Vec<(&'static str, PathBuf)>> =
        const { std::cell::RefCell::new(Vec::new()) };
}

/// Looks for a toolchain where these variables are set.
fn find_with(home: &Home, set: &[(&'static str, PathBuf)], tool: Tool) -> Result<Found, String> {
    VARIABLES.with(|variables| variables.replace(set.to_vec()));
    let machine = Machine {
        variable: |name| {
            VARIABLES.with(|variables| {
                let variables = variables.borrow();
                let mut found = variables.iter().filter(|(known, _)| *known == name);
                found.next().map(|(_, value)| value.clone().into())
            })
        },
        ..home.machine()
    };
    machine.find(tool)
}

#[test]
fn version_managers_may_be_anywhere() {
    for (tool, variable, version) in [
        (Tool::Python, "PYENV_ROOT", "versions/3.12.4/bin/python3"),
        (Tool::Ruby, "RBENV_ROOT", "versions/3.3.0/bin/ruby"),
        (Tool::Node, "NVM_DIR", "versions/node/v22.0.0/bin/node"),
    ] {
        let home = Home::new();
        let real = home.put(&format!("apart/{version}"), "");
        let bin = real.parent().expect("a folder");
        let name = version.split('/').rev().nth(2).expect("a version");
        home.put("apart/version", name);
        home.put("apart/alias/default", name);
        let shim = home.put(&format!("apart/shims/{}", program(tool)), "#!/bin/sh\n");
        let shims = shim.parent().expect("a folder").to_owned();
        let root = (variable, home.at("apart"));
        let found = find_with(&home, &[root.clone(), ("PATH", shims)], tool);
        assert_eq!(found.expect("found").path, [bin], "{variable}");
        let missing = home.put("apart/version", "9.9");
        fs::write(home.at("apart/alias/default"), "9.9").expect("written");
        let error = find_with(&home, &[root], tool).expect_err("there is none");
        assert!(error.contains("no version `9.9`"), "{missing:?}: {error}");
    }
}

#[test]
fn nothing_is_taken_in_place_of_an_unknown_shim() {
    let home = Home::new();
    home.put(".pyenv/versions/3.12.4/bin/python3", "");
    home.put(".pyenv/version", "3.12.4");
    home.put(".nvm/versions/node/v22.0.0/bin/node", "");
    home.put("go/bin/go", "");
    for tool in [Tool::Python, Tool::Node, Tool::Go] {
        let shim = home.put(&format!(".asdf/shims/{}", program(tool)), "#!/bin/sh\n");
        let shims = shim.parent().expect("a folder").display().to_string();
        let path = format!("{shims}:{}:/usr/bin", home.at("go/bin").display());
        let error = find_with(&home, &[("PATH", path.into())], tool).expect_err("a shim");
        assert!(error.contains(".asdf/shims"), "{error}");
        assert!(error.contains("stands for the real"), "{error}");
    }
    // pyenv's own shim where pyenv leaves the choice to the rest of the path.
    let shim = home.put(".pyenv/shims/python3", "#!/bin/sh\n");
    let next = home.put("python/bin/python3", "");
    home.put(".pyenv/version", "system");
    let path = [&shim, &next].map(|path| path.parent().expect("a folder").display().to_string());
    let found = find_with(&home, &[("PATH", path.join(":").into())], Tool::Python);
    assert_eq!(found.expect("found").shows, [home.at("python")]);
}

#[test]
fn what_others_can_change_or_lies_among_much_else_is_refused() {
    let home = Home::new();
    let node = home.put("node/bin/node", "");
    assert!(of_prefix(&node, Tool::Node).is_ok());
    for open in ["node", "node/bin", "node/bin/node"] {
        let set = |mode| fs::set_permissions(home.at(open), fs::Permissions::from_mode(mode));
        set(0o777).expect("chmod");
        let error = of_prefix(&node, Tool::Node).expect_err("it is open to all");
        assert!(error.contains("chmod o-w"), "{error}");
        set(0o755).expect("chmod");
    }
    for place in ["/srv", "/opt", "/"] {
        let python = Path::new(place).join("bin/python3");
        // `/bin` is the system's.
        let error = of_prefix(&python, Tool::Python);
        assert!(error.is_err() || place == "/", "{place}");
    }
}

#[test]
fn each_name_is_one_toolchain() {
    for (tool, name, programs) in TOOLS {
        assert_eq!(Tool::named(name), Some(tool));
        assert_eq!(tool.name(), name);
        for program in programs {
            assert_eq!(Tool::of_program(program), Some(tool), "{program}");
        }
    }
    assert_eq!(Tool::named("rustc"), None);
    assert_eq!(Tool::of_program("git"), None);
}
