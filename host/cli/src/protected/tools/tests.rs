//! Where the settings of tools lead.

use super::*;

#[test]
fn entries_that_are_not_absolute_are_folders_too() {
    let found: Vec<PathBuf> = folders(OsStr::new("/bin::bin:.")).collect();
    assert_eq!(found, ["/bin", ".", "bin", "."].map(PathBuf::from));
    assert_eq!(
        folders(OsStr::new("")).collect::<Vec<_>>(),
        [PathBuf::from(".")]
    );
}

#[test]
fn paths_are_found_in_commands() {
    let found: Vec<PathBuf> = named(OsStr::new("x/run -I../i --c=/b/c -L./d word")).collect();
    assert_eq!(found, ["x/run", "../i", "/b/c", "./d"].map(PathBuf::from));
}

#[test]
fn variables_of_tools_name_paths_and_others_do_not() {
    let of = |name: &str, value: &str| set_by([(name.into(), value.into())].into_iter());
    for (name, value) in [
        ("RUSTUP_TOOLCHAIN", "/ws"),
        ("CARGO_TARGET_WASM32_WASIP2_LINKER", "/ws"),
        ("CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_RUNNER", "sh /ws"),
        ("CARGO_TARGET_WASM32_WASIP2_RUSTFLAGS", "-Clinker=/ws"),
        ("CARGO_BUILD_BUILD_DIR", "/ws"),
        ("HOST_CC", "/ws"),
        ("CC_wasm32_wasip2", "/ws"),
        ("COMPILER_PATH", "/usr/lib:/ws"),
        ("LIBRARY_PATH", "/ws"),
        ("C_INCLUDE_PATH", "/ws"),
        ("CPLUS_INCLUDE_PATH", "/ws"),
        ("PKG_CONFIG_PATH", "/ws"),
        ("LD_AUDIT", "/a.so:/ws"),
        ("OPENSSL_CONF", "/ws"),
        ("PERL5LIB", "/ws"),
        ("PYTHONPYCACHEPREFIX", "/ws"),
        ("PIP_INDEX_URL", "file:///ws"),
        ("PIP_EXTRA_INDEX_URL", "https://a.b/c file:///ws"),
        ("PIP_TARGET", "/ws"),
        ("npm_config_registry", "file:///ws"),
        ("NPM_CONFIG_NODE_GYP", "/ws"),
        ("GOPROXY", "file:///ws,direct"),
        ("GOTMPDIR", "/ws"),
        ("GIT_EXEC_PATH", "/ws"),
        ("GIT_TEMPLATE_DIR", "/ws"),
        ("GIT_EXTERNAL_DIFF", "/ws"),
    ] {
        let found = of(name, value);
        let found = found.iter().flat_map(|path| Way::of(path).places());
        assert!(
            found.into_iter().any(|path| path == Path::new("/ws")),
            "{name}"
        );
    }
    for (name, value) in [
        ("PWD", "/ws"),
        ("OLDPWD", "/ws"),
        ("GITHUB_WORKSPACE", "/ws"),
        ("INIT_CWD", "/ws"),
        ("npm_config_local_prefix", "/ws"),
        ("npm_config_user_agent", "npm/10 node/v20 workspaces/false"),
        ("RUSTUP_TOOLCHAIN", "stable-x86_64-unknown-linux-gnu"),
        ("CARGO_MANIFEST_DIR", "/ws"),
        ("LIBRARY_PATH", ""),
    ] {
        assert_eq!(of(name, value), Vec::<PathBuf>::new(), "{name}");
    }
}

#[test]
fn links_and_lists_of_packages_lead_on() {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path().canonicalize().expect("a path");
    let site = root.join("local/lib/python3.11/site-packages");
    for folder in [
        "bin",
        "toolchains",
        "ws/tool",
        "pth",
        "egg",
        "finder",
        "spaced name",
    ] {
        fs::create_dir_all(root.join(folder)).expect("folders");
    }
    fs::create_dir_all(&site).expect("folders");
    let link = std::os::unix::fs::symlink::<PathBuf, PathBuf>;
    link("../ws/tool".into(), root.join("bin/cargo")).expect("a link");
    link(root.join("missing"), root.join("toolchains/mine")).expect("a link");
    link(root.join("linked"), site.join("package")).expect("a link");
    let shown = root.display();
    for (name, text) in [
        (
            "a.pth",
            format!("# none\n{shown}/pth\n../../../../relative\n"),
        ),
        (
            "b.pth",
            format!("{shown}/spaced name\nimport sys; sys.path.append('{shown}/code')\n"),
        ),
        ("c.egg-link", format!("{shown}/egg\n.")),
        (
            "__editable___d_finder.py",
            format!("MAPPING = {{'d': '{shown}/finder'}}\n"),
        ),
        ("e.py", format!("'{shown}/not'\n")),
    ] {
        fs::write(site.join(name), text).expect("written");
    }
    let programs = [root.join("bin"), root.join("toolchains"), root.join("none")];
    let python = [root.join("local")];
    let found = linked_from(&programs, &python, 100).expect("few entries");
    for name in [
        "ws/tool",
        "missing",
        "linked",
        "pth",
        "relative",
        "spaced name",
        "code",
        "egg",
        "finder",
    ] {
        assert!(found.contains(&root.join(name)), "{name}: {found:?}");
    }
    assert!(!found.contains(&root.join("not")));
    assert!(!found.contains(&root));
    assert_eq!(linked_from(&programs, &python, 3), None);
}
