//! What changing the operator's file leaves as it was.

use super::*;

const GRANT: &str = "process:ls";

fn digest() -> Digest {
    Digest::of(b"x")
}

fn added(text: &str) -> String {
    let id: CapsuleId = "mine".parse().expect("an id");
    let grants = [GRANT.parse().expect("a grant")];
    let once = add(text, &id, digest(), None, &grants).expect("a text to change");
    // What is there already is not repeated.
    assert_eq!(
        add(&once, &id, digest(), None, &grants).expect("again"),
        once
    );
    let parsed: toml::Table = form::plain(&once).parse().expect("TOML");
    let entry = &parsed["capsule"]["mine"];
    let allow = entry["allow"].as_array().expect("a list");
    assert!(allow.iter().any(|held| held.as_str() == Some(GRANT)));
    let pin = entry["digest"].as_str().expect("a digest");
    assert!(pin == "any" || pin == digest().to_string());
    once
}

fn removed(text: &str, grants: &[&str]) -> String {
    let id: CapsuleId = "mine".parse().expect("an id");
    let grants: Vec<Grant> = grants
        .iter()
        .map(|grant| grant.parse().expect("a grant"))
        .collect();
    remove(text, &id, &grants).expect("a text to change")
}

#[test]
fn comments_order_and_layout_stay_when_a_grant_is_added() {
    let pin = digest();
    for (before, after) in [
        // A list with an element in each line, with comments, with a comma at its end and without.
        (
            "# top\n[capsule.mine] # mine\ndigest = \"any\" # all\nallow = [\n  # reading\n  \
             \"process:cat\", # why\n] # end\n\n# the host\n[process]\nruns = 3\n",
            "# top\n[capsule.mine] # mine\ndigest = \"any\" # all\nallow = [\n  # reading\n  \
             \"process:cat\", # why\n  \"process:ls\",\n] # end\n\n# the host\n[process]\nruns = 3\n",
        ),
        (
            "[capsule.mine]\ndigest = \"any\"\nallow = [\n\t\"process:cat\" # why\n\t]\n",
            "[capsule.mine]\ndigest = \"any\"\nallow = [\n\t\"process:cat\", # why\n\t\"process:ls\",\n\t]\n",
        ),
        (
            "[capsule.mine]\ndigest = \"any\"\nallow = [\n]\n",
            "[capsule.mine]\ndigest = \"any\"\nallow = [\n    \"process:ls\",\n]\n",
        ),
        // In one line.
        (
            "[capsule.mine]\ndigest = 'any'\nallow = [ \"process:cat\" ]\n",
            "[capsule.mine]\ndigest = 'any'\nallow = [ \"process:cat\", \"process:ls\" ]\n",
        ),
        (
            "[capsule.mine]\ndigest = \"any\"\nallow = [] # none\n",
            "[capsule.mine]\ndigest = \"any\"\nallow = [\"process:ls\"] # none\n",
        ),
        // Inline tables and dotted keys.
        (
            "capsule = { mine = { digest = \"any\" }, other = { digest = \"any\" } } # all\n",
            "capsule = { mine = { digest = \"any\" , allow = [\"process:ls\"] }, other = { digest = \"any\" } } # all\n",
        ),
        (
            "[capsule]\nmine = { digest = \"any\", allow = [\"process:cat\"] }\n",
            "[capsule]\nmine = { digest = \"any\", allow = [\"process:cat\", \"process:ls\"] }\n",
        ),
        (
            "capsule.mine.digest = \"any\"\ncapsule.mine.allow = [\"process:cat\"]\n",
            "capsule.mine.digest = \"any\"\ncapsule.mine.allow = [\"process:cat\", \"process:ls\"]\n",
        ),
        // The line end at the end of the file.
        (
            "[capsule.mine]\ndigest = \"any\"\nallow = []",
            "[capsule.mine]\ndigest = \"any\"\nallow = [\"process:ls\"]",
        ),
        // Line ends of both kinds, and a byte order mark.
        (
            "\u{feff}[process]\r\nruns = 3\n[capsule.mine]\r\ndigest = \"any\"\r\nallow = [\r\n  \"process:cat\",\r\n]\r\n",
            "\u{feff}[process]\r\nruns = 3\n[capsule.mine]\r\ndigest = \"any\"\r\nallow = [\r\n  \"process:cat\",\r\n  \"process:ls\",\r\n]\r\n",
        ),
        // Grants to another component go, and what is written beside them does not.
        (
            &*format!(
                "[capsule.mine]\ndigest = \"blake3:{}\" # built\nallow = [\"process:cat\"] # why\nconfig = {{ a = 1 }}\n",
                "0".repeat(64)
            ),
            &*format!(
                "[capsule.mine]\ndigest = \"{pin}\" # built\nallow = [\"process:ls\"] # why\nconfig = {{ a = 1 }}\n"
            ),
        ),
        // No entry yet.
        (
            "",
            &*format!("[capsule.mine]\ndigest = \"{pin}\"\nallow = [\"process:ls\"]\n"),
        ),
        (
            "# nothing but this\n",
            &*format!(
                "[capsule.mine]\ndigest = \"{pin}\"\nallow = [\"process:ls\"]\n# nothing but this\n"
            ),
        ),
    ] {
        assert_eq!(added(before), after, "{before}");
    }
}

#[test]
fn whatever_shape_the_other_entries_have_they_stay() {
    for before in [
        "[capsule.other]\ndigest = \"any\"\n\n[log]\nrate = 5 # lines\n",
        "capsule.other.digest = \"any\"\n",
        "capsule.other = { digest = \"any\" } # theirs\n",
        "[capsule]\nother = { digest = \"any\" }\n",
        "capsule = { other = { digest = \"any\" } }\n",
        "[log]\nrate = 5\n\n[capsule]\n",
    ] {
        let after = added(before);
        let stays: Vec<&str> = after.lines().collect();
        for line in before
            .lines()
            .filter(|line| !line.starts_with("capsule = "))
        {
            assert!(stays.contains(&line), "{before} became {after}");
        }
        assert!(
            !before.contains("other") || after.contains("other"),
            "{after}"
        );
    }
}

#[test]
fn a_grant_goes_with_its_own_comment_only() {
    let text = "[capsule.mine]\ndigest = \"any\"\nallow = [\n  # reading\n  \"process:cat\", # a\n  \
                \"process:ls\", # b\n  \"process:git log **\", # c\n]\n";
    for (grants, after) in [
        (
            &["process:ls"][..],
            "[capsule.mine]\ndigest = \"any\"\nallow = [\n  # reading\n  \"process:cat\", # a\n  \
             \"process:git log **\", # c\n]\n",
        ),
        (
            &["process:git log **"],
            "[capsule.mine]\ndigest = \"any\"\nallow = [\n  # reading\n  \"process:cat\", # a\n  \
             \"process:ls\", # b\n]\n",
        ),
        (
            &["process:cat", "process:ls", "process:git log **"],
            "[capsule.mine]\ndigest = \"any\"\nallow = [\n  # reading\n]\n",
        ),
        (&["process:mv"], text),
    ] {
        assert_eq!(removed(text, grants), after);
    }
    for (before, after) in [
        (
            "allow = [\"process:ls\", \"process:cat\"]",
            "allow = [\"process:cat\"]",
        ),
        (
            "allow = [ \"process:cat\", \"process:ls\" ]",
            "allow = [ \"process:cat\" ]",
        ),
        ("allow = [\"process:ls\"]", "allow = []"),
        ("allow = [\n\"process:ls\",\n]", "allow = [\n]"),
        // A comma that stands apart: what is beside others and at the end stays.
        (
            "allow = [\n\"process:cat\", # a\n\"process:ls\" , # b\n# later\n]",
            "allow = [\n\"process:cat\", # a\n# later\n]",
        ),
        (
            "allow = [\n\"process:ls\"\n# next\n, \"process:cat\"]",
            "allow = [\n# next\n \"process:cat\"]",
        ),
        (
            "allow = [\"process:cat\", # a\n\"process:ls\"]",
            "allow = [\"process:cat\" # a\r\n]",
        ),
    ] {
        let text = |list| format!("[capsule.mine]\r\ndigest = \"any\"\r\n{list}");
        assert_eq!(removed(&text(before), &[GRANT]), text(after));
    }
}

#[test]
fn what_has_another_shape_is_an_error() {
    let id: CapsuleId = "mine".parse().expect("an id");
    for text in [
        "capsule = 1",
        "[capsule]\nmine = 1",
        "[capsule.mine]\ndigest = \"any\"\nallow = 1",
        "[",
    ] {
        add(
            text,
            &id,
            digest(),
            None,
            &[GRANT.parse().expect("a grant")],
        )
        .expect_err(text);
    }
}

#[test]
fn grants_for_a_folder_have_a_table_of_their_own() {
    let id: CapsuleId = "mine".parse().expect("an id");
    let grants = [GRANT.parse().expect("a grant")];
    let add = |text: &str, folder: &str| {
        super::add(text, &id, digest(), Some(folder), &grants).expect("a text to change")
    };
    let pin = digest();
    let first = add("", "/srv/a b");
    assert_eq!(
        first,
        format!(
            "[capsule.mine]\ndigest = \"{pin}\"\n\n[capsule.mine.folders]\n\"/srv/a b\" = [\"process:ls\"]\n"
        )
    );
    assert_eq!(add(&first, "/srv/a b"), first);
    let second = add(&first, "/srv/c");
    assert_eq!(second, format!("{first}\"/srv/c\" = [\"process:ls\"]\n"));
    let text = "capsule = { mine = { digest = \"any\" } } # all\n";
    let inline = add(text, "/srv");
    assert!(
        inline.contains("folders = {") && inline.ends_with("# all\n"),
        "{inline}"
    );
    let none = remove(&second, &id, &grants).expect("removed");
    assert_eq!(none, second.replace("\"process:ls\"", ""));
    // Another build has none of them.
    let other = super::add(&second, &id, Digest::of(b"y"), None, &grants).expect("added");
    assert!(!other.contains("/srv"), "{other}");
}
