//! Cases for reading cargo's JSON.

use super::*;

fn metadata(packages: &[(&str, &str)]) -> String {
    let packages: Vec<String> = packages
        .iter()
        .map(|(name, kind)| {
            format!(
                r#"{{"id":"path+file:///w/{name}#0.1.0","name":"{name}","manifest_path":"/w/{name}/Cargo.toml",
                   "targets":[{{"name":"{name}","kind":["{kind}"],"crate_types":["{kind}"]}}]}}"#
            )
        })
        .collect();
    format!(
        r#"{{"packages":[{}],"workspace_root":"/w","version":1}}"#,
        packages.join(",")
    )
}

fn hello() -> CapsulePackage {
    CapsulePackage {
        id: "path+file:///w/hello#0.1.0".to_owned(),
        name: "hello".to_owned(),
    }
}

fn artifact(package: &str, kind: &str, file: &str, fresh: bool) -> String {
    format!(
        r#"{{"reason":"compiler-artifact","package_id":"path+file:///w/{package}#0.1.0",
           "target":{{"name":"{package}","kind":["{kind}"]}},"filenames":["{file}"],"fresh":{fresh}}}"#
    )
}

#[test]
fn takes_the_package_of_the_folder() {
    let json = metadata(&[("other", "cdylib"), ("hello", "cdylib")]);
    let package = capsule_package(&json, Path::new("/w/hello/Cargo.toml")).unwrap();
    assert_eq!(package, hello());
}

#[test]
fn takes_the_only_capsule_of_a_workspace() {
    let json = metadata(&[("helper", "lib"), ("hello", "cdylib")]);
    let package = capsule_package(&json, Path::new("/w/Cargo.toml")).unwrap();
    assert_eq!(package, hello());
}

#[test]
fn refuses_to_guess_among_capsules() {
    let json = metadata(&[("one", "cdylib"), ("two", "cdylib")]);
    let error = capsule_package(&json, Path::new("/w/Cargo.toml")).unwrap_err();
    assert_eq!(
        error.to_string(),
        "/w holds several capsules; name the folder of one: one, two"
    );
}

#[test]
fn a_package_without_cdylib_is_told_how_to_become_one() {
    let json = metadata(&[("hello", "bin"), ("other", "cdylib")]);
    let error = capsule_package(&json, Path::new("/w/hello/Cargo.toml")).unwrap_err();
    assert!(matches!(error, ArtifactError::NoCdylib { .. }));
    assert!(error.to_string().contains("crate-type = [\"cdylib\"]"));
}

#[test]
fn a_workspace_without_capsules_is_an_error() {
    let json = metadata(&[("helper", "lib")]);
    let error = capsule_package(&json, Path::new("/w/Cargo.toml")).unwrap_err();
    assert!(matches!(error, ArtifactError::NoCapsule { .. }));
}

#[test]
fn finds_the_component_among_the_messages() {
    let mut collector = Collector::new(hello());
    assert_eq!(collector.line("a build script's own words"), None);
    assert_eq!(
        collector.line(&artifact("syn", "lib", "/w/target/libsyn.rlib", false)),
        Some("syn".to_owned())
    );
    collector.line(&artifact("other", "cdylib", "/w/target/other.wasm", false));
    collector.line(&artifact("hello", "cdylib", "/w/target/hello.wasm", true));
    collector.line(r#"{"reason":"build-finished","success":true}"#);
    let (file, fresh) = collector.component().unwrap();
    assert_eq!(file, Path::new("/w/target/hello.wasm"));
    assert!(fresh);
}

#[test]
fn no_component_and_several_are_errors() {
    let mut collector = Collector::new(hello());
    collector.line(&artifact("hello", "cdylib", "/w/target/libhello.so", false));
    assert!(matches!(
        collector.component(),
        Err(ArtifactError::NoComponent { .. })
    ));

    let mut collector = Collector::new(hello());
    collector.line(&artifact("hello", "cdylib", "/w/a.wasm", false));
    collector.line(&artifact("hello", "cdylib", "/w/b.wasm", false));
    let error = collector.component().unwrap_err();
    assert!(error.to_string().ends_with("/w/a.wasm, /w/b.wasm"));
}
