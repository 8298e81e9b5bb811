use proptest::prelude::*;

use super::*;
use crate::policy::{GrantSet, Requests};

fn path(text: &str) -> AbsolutePath {
    AbsolutePath::try_from(text.to_owned()).expect(text)
}

fn request(text: &str, access: FileAccess) -> FilesRequest {
    FilesRequest {
        path: path(text),
        access,
        line: None,
    }
}

fn requests(files: &[(&str, FileAccess)]) -> Requests {
    Requests {
        files: files
            .iter()
            .map(|(text, access)| request(text, *access))
            .collect(),
        ..Requests::default()
    }
}

fn grants(texts: &[&str]) -> GrantSet {
    texts
        .iter()
        .map(|text| text.parse().expect("a grant"))
        .collect()
}

use FileAccess::{Read, ReadWrite};

#[test]
fn a_folder_is_what_is_asked_for_and_granted() {
    let requests = requests(&[
        ("/data", Read),
        ("/out/x", ReadWrite),
        ("/cache", ReadWrite),
    ]);
    let grants = grants(&[
        "files-write:/data /srv/data",
        "files:/out /srv/out",
        "files-write:/out /srv/other",
        "files:/cache/below",
        "files-write:/secret",
    ]);
    let permissions = Permissions::new(&requests, &grants);
    let folders: Vec<_> = permissions
        .folders()
        .iter()
        .map(|folder| {
            let name = folder.request.path.to_string();
            (name, folder.place.to_string(), folder.access)
        })
        .collect();
    assert_eq!(
        folders,
        [
            ("/data".to_owned(), "/srv/data".to_owned(), Read),
            ("/out/x".to_owned(), "/srv/other/x".to_owned(), ReadWrite),
        ]
    );
    let missing: Vec<_> = permissions
        .missing_files()
        .map(|grant| grant.to_string())
        .collect();
    assert_eq!(missing, ["files-write:/cache"]);
    let held: Vec<_> = permissions.held_files().map(|held| held.name).collect();
    assert_eq!(held, ["files:/data", "files:/out/x", "files-write:/out/x"]);
}

#[test]
fn the_innermost_folder_judges_a_file() {
    let requests = requests(&[("/data", ReadWrite), ("/data/fixed", Read)]);
    let grants = grants(&["files-write:/data"]);
    let permissions = Permissions::new(&requests, &grants);
    let judged = |text: &str, access| {
        let decision = permissions.decide_file(&path(text), access);
        let missing: Vec<_> = decision.missing().map(Denial::to_string).collect();
        missing.join("\n")
    };
    assert_eq!(judged("/data/a", ReadWrite), "");
    assert_eq!(judged("/data/fixed/a", Read), "");
    assert_eq!(
        judged("/data/fixed/a", ReadWrite),
        "files-write:/data/fixed/a is not allowed: the manifest's [[files]] does not ask for \
         `access = \"read-write\"`"
    );
    assert_eq!(
        judged("/database", Read),
        "files:/database is not allowed: the manifest has no [[files]] that this lies below\n\
         files:/database is not allowed: the operator has not granted it; \"files:/database\" would"
    );
    let nothing = GrantSet::default();
    let permissions = Permissions::new(&requests, &nothing);
    let decision = permissions.decide_file(&path("/data/a"), Read);
    assert_eq!(
        decision
            .into_result()
            .expect_err("not granted")
            .reason
            .to_string(),
        "the operator has not granted it; \"files:/data\" would"
    );
}

fn any_path() -> impl Strategy<Value = AbsolutePath> {
    proptest::collection::vec("[ab]", 1..4).prop_map(|names| path(&format!("/{}", names.join("/"))))
}

fn any_access() -> impl Strategy<Value = FileAccess> {
    prop_oneof![Just(Read), Just(ReadWrite)]
}

fn any_request() -> impl Strategy<Value = FilesRequest> {
    (any_path(), any_access()).prop_map(|(path, access)| FilesRequest {
        path,
        access,
        line: None,
    })
}

fn any_grant() -> impl Strategy<Value = FilesGrant> {
    let place = proptest::option::of(any_path());
    (any_path(), any_access(), place).prop_map(|(path, access, at)| FilesGrant { path, access, at })
}

proptest! {
    #[test]
    fn no_file_is_used_that_is_not_asked_for_and_granted(
        asked in proptest::collection::vec(any_request(), 0..4),
        granted in proptest::collection::vec(any_grant(), 0..4),
        file in any_path(),
        access in any_access(),
    ) {
        let requests = Requests { files: asked.clone(), ..Requests::default() };
        let grants: GrantSet = granted.iter().cloned().map(Grant::Files).collect();
        let decision = Permissions::new(&requests, &grants).decide_file(&file, access);
        let is_asked = asked.iter().any(|ask| ask.path.covers(&file) && ask.access >= access);
        let is_granted = granted.iter().any(|one| one.path.covers(&file) && one.access >= access);
        if let Ok(folder) = decision.outcome() {
            prop_assert!(is_asked && is_granted);
            prop_assert!(folder.access >= access);
        }
        prop_assert!(is_asked && is_granted || decision.missing().next().is_some());
    }

    #[test]
    fn granting_what_is_missing_gives_all_that_is_asked_for(
        asked in proptest::collection::vec(any_request(), 0..4),
        granted in proptest::collection::vec(any_grant(), 0..4),
    ) {
        let requests = Requests { files: asked, ..Requests::default() };
        let mut grants: GrantSet = granted.into_iter().map(Grant::Files).collect();
        let missing: Vec<Grant> = Permissions::new(&requests, &grants).missing_files().collect();
        grants.extend(missing);
        let permissions = Permissions::new(&requests, &grants);
        prop_assert_eq!(permissions.missing_files().count(), 0);
        let folders = permissions.folders();
        prop_assert_eq!(folders.len(), requests.files.len());
        prop_assert!(folders.iter().all(|folder| folder.access == folder.request.access));
    }

    #[test]
    fn a_grant_of_files_survives_its_text(grant in any_grant()) {
        let grant = Grant::Files(grant);
        prop_assert_eq!(grant.to_string().parse(), Ok(grant));
    }
}
