//! The ways to plant something, each tried as the workspace's every owner.

use std::fs;
use std::os::unix::fs::symlink;

use super::{Place, names, owners};
use crate::policy::WorkspaceAccess;

/// One way.
struct Plant {
    /// What is planted.
    what: &'static str,
    /// The workspace, below the folder that is the test's own.
    workspace: &'static str,
    /// A script on the host, in the workspace.
    prepare: &'static str,
    /// A script of the process.
    inside: &'static str,
    /// What the host's user does afterwards, in the workspace.
    after: &'static str,
}

const fn plant(
    what: &'static str,
    prepare: &'static str,
    inside: &'static str,
    after: &'static str,
) -> Plant {
    Plant {
        what,
        workspace: "w",
        prepare,
        inside,
        after,
    }
}

const fn below(
    what: &'static str,
    prepare: &'static str,
    inside: &'static str,
    after: &'static str,
) -> Plant {
    Plant {
        workspace: "w/sub",
        ..plant(what, prepare, inside, after)
    }
}

const STATUS: &str = "git status";

/// A process's own repository with a configuration that executes.
const REPOSITORY: &str = "git init -q s && cd s && git -c user.email=a -c user.name=a commit -q --allow-empty \
                          -m x; git config core.fsmonitor \"$EVIL\"";

const PLANTS: &[Plant] = &[
    plant(
        "a .git where there is none",
        "",
        "git init -q . && git config core.fsmonitor \"$EVIL\"",
        STATUS,
    ),
    plant(
        "a .git in an empty one",
        "mkdir .git",
        "git init -q . && git config core.fsmonitor \"$EVIL\"",
        STATUS,
    ),
    plant(
        "a .git in one that is not valid",
        "mkdir .git; echo x > .git/description",
        "git init -q . && git config core.fsmonitor \"$EVIL\"",
        STATUS,
    ),
    plant(
        "a .git that is a file",
        "",
        "git init -q --separate-git-dir=s . && git -C s config core.fsmonitor \"$EVIL\"; echo gitdir: s > .git",
        STATUS,
    ),
    plant(
        "a repository where a .git that is a file leads",
        "echo gitdir: store > .git",
        "git init -q --bare s; printf '[core]\n bare = false\n fsmonitor = \"%s\"\n' \"$EVIL\" > s/config; mv s store",
        STATUS,
    ),
    plant(
        "the objects that a half repository lacks",
        "echo ref: refs/heads/main > HEAD",
        "git init -q --bare s; mv s/objects s/refs s/config .; git config -f config core.sshCommand \"$EVIL\"",
        "git fetch ssh://example.invalid/x",
    ),
    plant(
        "a bare repository at the top",
        "",
        "git init -q --bare s && mv s/* . && git config -f config core.bare false && \
         git config -f config core.fsmonitor \"$EVIL\"; git config -f config core.worktree .",
        STATUS,
    ),
    plant(
        "a bare repository at the top, which shares another's data",
        "",
        "git init -q --bare s && cp s/HEAD HEAD; echo s > commondir; git config -f s/config core.sshCommand \"$EVIL\"",
        "git fetch ssh://example.invalid/x",
    ),
    plant(
        "the workspace is a bare repository",
        "git init -q --bare .; git config core.bare false; git config core.worktree .",
        "git config -f config core.fsmonitor \"$EVIL\"",
        STATUS,
    ),
    Plant {
        workspace: "w/.git/hooks",
        ..plant(
            "the workspace is a folder of hooks",
            "new ../../",
            "printf '#!/bin/sh\\ntouch %s\\n' \"$MARK\" > post-index-change; chmod +x post-index-change",
            "cd ../..; touch f; git status",
        )
    },
    plant(
        "the configuration",
        "new .",
        "git config core.fsmonitor \"$EVIL\"; mv .git x; mkdir .git; rm -rf .git; \
         git init -q . && git config core.fsmonitor \"$EVIL\"",
        STATUS,
    ),
    plant(
        "a hook",
        "new .",
        "printf '#!/bin/sh\\ntouch %s\\n' \"$MARK\" > .git/hooks/post-index-change; chmod +x .git/hooks/*; touch f",
        STATUS,
    ),
    plant(
        "commondir",
        "new .",
        "cd .git && mkdir c && cp -r HEAD objects refs config c/; git config -f c/config core.fsmonitor \"$EVIL\"; \
         echo c > commondir",
        STATUS,
    ),
    plant(
        "config.worktree",
        "new .; git sparse-checkout set --cone . > /dev/null 2>&1",
        "git config -f .git/config.worktree core.fsmonitor \"$EVIL\"",
        STATUS,
    ),
    plant(
        "a list of a rebase",
        "new .; git commit -q --allow-empty -m two; \
         GIT_SEQUENCE_EDITOR='echo break >' git rebase -q -i HEAD~1 > /dev/null",
        "echo \"exec touch $MARK\" >> .git/rebase-merge/git-rebase-todo",
        "git rebase --continue",
    ),
    plant(
        "the configuration of a submodule",
        "new ../o; new .; git submodule -q add ../o s; git commit -qm s",
        "git config -f .git/modules/s/config core.fsmonitor \"$EVIL\"; git -C s config core.fsmonitor \"$EVIL\"; \
         rm -f s/.git; mv s/.git t; mv s t; git init -q s && git -C s config core.fsmonitor \"$EVIL\"",
        "git status; git -C s status",
    ),
    plant(
        "the hooks of a submodule",
        "new ../o; new .; git submodule -q add ../o s; git commit -qm s",
        "printf '#!/bin/sh\\ntouch %s\\n' \"$MARK\" > .git/modules/s/hooks/post-index-change; \
         chmod +x .git/modules/s/hooks/*; touch s/f",
        "git status; git -C s status",
    ),
    plant(
        "a gitlink in the index",
        "new .",
        "git init -q s && cd s && git -c user.email=a -c user.name=a commit -q --allow-empty -m x; \
         git config core.fsmonitor \"$EVIL\"; h=$(git rev-parse HEAD); cd ..; \
         git update-index --add --cacheinfo 160000,$h,s",
        STATUS,
    ),
    plant(
        "a repository in the empty folder of a submodule",
        "new ../o; new ../p; git -C ../p submodule -q add ../o s; git -C ../p commit -qm s; git clone -q ../p .",
        REPOSITORY,
        STATUS,
    ),
    plant(
        "a repository in the missing folder of a submodule",
        "new ../o; new ../p; git -C ../p submodule -q add ../o s; git -C ../p commit -qm s; git clone -q ../p .; rmdir s",
        REPOSITORY,
        STATUS,
    ),
    plant(
        "a repository in a submodule's folder that is no repository",
        "new ../o; new ../p; git -C ../p submodule -q add ../o s; git -C ../p commit -qm s; git clone -q ../p .; echo x > s/y",
        REPOSITORY,
        STATUS,
    ),
    plant(
        "a submodule below a folder that is moved",
        "new ../o; new ../p; git -C ../p submodule -q add ../o d/s; git -C ../p commit -qm s; git clone -q ../p .",
        "mv d e; mkdir d; cd d; git init -q s && cd s && git -c user.email=a -c user.name=a commit -q \
         --allow-empty -m x; git config core.fsmonitor \"$EVIL\"",
        STATUS,
    ),
    plant(
        "core.hooksPath",
        "new .; mkdir -p tools/hooks; git config core.hooksPath tools/hooks",
        "mv tools t; mkdir -p tools/hooks; printf '#!/bin/sh\\ntouch %s\\n' \"$MARK\" > tools/hooks/post-index-change; \
         chmod +x tools/hooks/*; touch f",
        STATUS,
    ),
    plant(
        "core.hooksPath that leads nowhere yet",
        "new .; git config core.hooksPath .husky/_",
        "mkdir -p .husky/_; printf '#!/bin/sh\\ntouch %s\\n' \"$MARK\" > .husky/_/post-index-change; \
         chmod +x .husky/_/*; touch f",
        STATUS,
    ),
    plant(
        "an included configuration",
        "new .; echo > team.conf; git config include.path ../team.conf",
        "git config -f team.conf core.fsmonitor \"$EVIL\"; rm -f team.conf; git config -f team.conf core.fsmonitor \"$EVIL\"",
        STATUS,
    ),
    plant(
        "an included configuration that is not there yet",
        "new .; git config includeIf.gitdir:/.path ../team.conf",
        "rm -f team.conf; git config -f team.conf core.fsmonitor \"$EVIL\"",
        STATUS,
    ),
    plant(
        "a program that the configuration names",
        "new .; mkdir tools; echo 'exit 1' > tools/monitor; git config core.fsmonitor 'sh tools/monitor'",
        "echo touch \"$MARK\" > tools/monitor; mv tools t; mkdir tools; echo touch \"$MARK\" > tools/monitor",
        STATUS,
    ),
    plant(
        "a program that the configuration names and that is not there yet",
        "new .; git config core.fsmonitor tools/monitor",
        "mkdir tools; printf '#!/bin/sh\\ntouch %s\\n' \"$MARK\" > tools/monitor; chmod +x tools/monitor",
        STATUS,
    ),
    plant(
        "a filter",
        "new .; echo cat > clean.sh; git config filter.x.clean 'sh clean.sh'",
        "echo '* filter=x' > .gitattributes; echo touch \"$MARK\" > clean.sh; echo y > f",
        "git add -A",
    ),
    plant(
        "a repository below",
        "new a/n",
        "git config -f a/n/.git/config core.fsmonitor \"$EVIL\"; mv a b; new=1; mkdir -p a; git init -q a/n && \
         git -C a/n config core.fsmonitor \"$EVIL\"",
        "git -C a/n status",
    ),
    plant(
        "a bare repository below",
        "git init -q --bare a/n.git",
        "git config -f a/n.git/config core.pager \"$EVIL\"; git config -f a/n.git/config core.fsmonitor \"$EVIL\"; \
         printf '#!/bin/sh\\ntouch %s\\n' \"$MARK\" > a/n.git/hooks/post-update; chmod +x a/n.git/hooks/post-update",
        "new ../o; git -C ../o push -q \"$PWD/a/n.git\" main; true",
    ),
    plant(
        "git's data elsewhere in the workspace",
        "git init -q --separate-git-dir=store . && git config user.email a && git config user.name a && \
         git commit -q --allow-empty -m one",
        "git config -f store/config core.fsmonitor \"$EVIL\"; mv store t; rm -f .git; git init -q . && \
         git config core.fsmonitor \"$EVIL\"",
        STATUS,
    ),
    plant(
        "the user's own configuration names a folder of each work tree",
        "git config --global core.hooksPath .githooks; new .",
        "mkdir .githooks; printf '#!/bin/sh\\ntouch %s\\n' \"$MARK\" > .githooks/post-index-change; \
         chmod +x .githooks/*; touch f",
        STATUS,
    ),
    below(
        "hooks below the top of the work tree",
        "new ..; mkdir hooks; git config core.hooksPath sub/hooks",
        "printf '#!/bin/sh\\ntouch %s\\n' \"$MARK\" > hooks/post-index-change; chmod +x hooks/*",
        "touch ../f; git status",
    ),
    below(
        "a repository below the top of the work tree",
        "new ..",
        "git init -q . && git config core.fsmonitor \"$EVIL\"; git init -q --bare s; mv s/* .; \
         git config -f config core.fsmonitor \"$EVIL\"; git config -f config core.bare false",
        STATUS,
    ),
    below(
        "a submodule below the top of the work tree",
        "cd ../..; new o; new p; git -C p submodule -q add ../o sub/s; git -C p commit -qm s; rm -rf w; \
         git clone -q p w",
        REPOSITORY,
        "cd ..; git status",
    ),
    plant(
        "what the hooks of husky run",
        "new .; mkdir -p .husky/_; git config core.hooksPath .husky/_; chmod 755 .husky/_; \
         printf '#!/bin/sh\\n[ -f .husky/pre-commit ] && sh -e .husky/pre-commit\\n' > .husky/_/pre-commit; \
         chmod +x .husky/_/pre-commit",
        "echo touch \"$MARK\" > .husky/pre-commit; echo y > f",
        "git commit -qam two",
    ),
    plant(
        "hooks behind a link",
        "new .; mkdir githooks; rm -rf .git/hooks; ln -s ../githooks .git/hooks",
        "printf '#!/bin/sh\\ntouch %s\\n' \"$MARK\" > githooks/post-index-change; chmod +x githooks/*; touch f",
        STATUS,
    ),
    plant(
        "a hook that is a link",
        "new .; mkdir scripts; printf '#!/bin/sh\\nexit 0\\n' > scripts/pre-commit; chmod +x scripts/pre-commit; \
         ln -s ../../scripts/pre-commit .git/hooks/pre-commit",
        "printf '#!/bin/sh\\ntouch %s\\n' \"$MARK\" > scripts/pre-commit; echo y > f",
        "git commit -qam two",
    ),
    plant(
        "a hook that is a link to nothing yet",
        "new .; ln -s ../../scripts/post-index-change .git/hooks/post-index-change",
        "mkdir -p scripts; printf '#!/bin/sh\\ntouch %s\\n' \"$MARK\" > scripts/post-index-change; chmod +x scripts/*; touch f",
        STATUS,
    ),
    plant(
        "a link in core.hooksPath",
        "new .; mkdir .githooks scripts; printf '#!/bin/sh\\nexit 0\\n' > scripts/pc; chmod +x scripts/pc; \
         ln -s ../scripts/pc .githooks/pre-commit; git config core.hooksPath .githooks",
        "printf '#!/bin/sh\\ntouch %s\\n' \"$MARK\" > scripts/pc; echo y > f",
        "git commit -qam two",
    ),
    plant(
        "a configuration that is a link",
        "new .; mv .git/config gitconfig; ln -s ../gitconfig .git/config",
        "git config -f gitconfig core.fsmonitor \"$EVIL\"",
        STATUS,
    ),
    plant(
        "a config.worktree that is a link",
        "new .; git config extensions.worktreeConfig true; echo > wtc; ln -s ../wtc .git/config.worktree",
        "git config -f wtc core.fsmonitor \"$EVIL\"",
        STATUS,
    ),
    plant(
        "submodules behind a link",
        "new ../o; new .; git submodule -q add ../o s; git commit -qm s; mv .git/modules mods; ln -s ../mods .git/modules; git config -f mods/s/config core.worktree ../../s",
        "git config -f mods/s/config core.fsmonitor \"$EVIL\"",
        STATUS,
    ),
    plant(
        "an index that is a link",
        "new .; mv .git/index idx; ln -s ../idx .git/index",
        "git init -q s && cd s && git -c user.email=a -c user.name=a commit -q --allow-empty -m x; \
         git config core.fsmonitor \"$EVIL\"; h=$(git rev-parse HEAD); cd ..; \
         GIT_INDEX_FILE=/workspace/idx git update-index --add --cacheinfo 160000,$h,s",
        STATUS,
    ),
    plant(
        "a link on the way to an included configuration",
        "new .; mkdir real d; echo > real/inc; ln -s ../real/inc d/inc; ln -s $PWD/d ../ext; \
         git config include.path $(cd ..; pwd)/ext/inc",
        "rm d/inc; printf '[core]\\nfsmonitor = \"%s\"\\n' \"$EVIL\" > d/inc",
        STATUS,
    ),
    Plant {
        workspace: "w/n",
        ..plant(
            "the hooks of a repository elsewhere behind a link",
            "cd ../..; rmdir w/n; new m; rm -rf m/.git/hooks; ln -s ../../w/n/hk m/.git/hooks; git -C m worktree add -q ../w/n; \
             mkdir w/n/hk",
            "printf '#!/bin/sh\\ntouch %s\\n' \"$MARK\" > hk/post-index-change; chmod +x hk/*; touch f",
            STATUS,
        )
    },
    plant(
        "a gitlink beyond as many as are looked at",
        "new .; for i in $(seq 4097); do printf '160000 %040d\\tz%d\\n' 1 $i; done | git update-index --index-info",
        "mkdir z1; cd z1; git init -q .; git -c user.email=a -c user.name=a commit -q --allow-empty -m x; \
         git config core.fsmonitor \"$EVIL\"",
        STATUS,
    ),
    plant(
        "a gitlink that has its name in a shared index",
        "new .; new ../o; git config core.splitIndex true; git config splitIndex.maxPercentChange 100; echo s > s; \
         git add s; git update-index --split-index; rm s; h=$(git -C ../o rev-parse HEAD); \
         git update-index --replace --cacheinfo 160000,$h,s; mkdir s",
        REPOSITORY,
        STATUS,
    ),
    plant(
        "hooks that a large configuration names",
        "new .; for i in $(seq 60000); do echo '#######################################################################'; \
         done >> .git/config; git config core.hooksPath hk",
        "mkdir hk; printf '#!/bin/sh\\ntouch %s\\n' \"$MARK\" > hk/post-index-change; chmod +x hk/*; touch f",
        STATUS,
    ),
    plant(
        "a program with a blank in its name",
        "new .; mkdir 'my tools'; echo exit 1 > 'my tools/mon'; git config core.fsmonitor \"sh 'my tools/mon'\"",
        "echo touch \"$MARK\" > 'my tools/mon'",
        STATUS,
    ),
    plant(
        "a program with a backslash in its name",
        "new .; mkdir 'my tools'; printf '#!/bin/sh\\nexit 1\\n' > 'my tools/mon'; chmod +x 'my tools/mon'; \
         git config core.fsmonitor 'my\\ tools/mon'",
        "printf '#!/bin/sh\\ntouch %s\\n' \"$MARK\" > 'my tools/mon'",
        STATUS,
    ),
    plant(
        "a program in a folder that the command changes into",
        "new .; mkdir tools; printf '#!/bin/sh\\nexit 1\\n' > tools/mon; chmod +x tools/mon; \
         git config core.fsmonitor 'cd tools && ./mon'",
        "printf '#!/bin/sh\\ntouch %s\\n' \"$MARK\" > tools/mon",
        STATUS,
    ),
    plant(
        "a program in a folder that is a variable",
        "new .; mkdir tools; echo exit 1 > tools/mon; git config core.fsmonitor 'T=tools; sh $T/mon'",
        "echo touch \"$MARK\" > tools/mon",
        STATUS,
    ),
    plant(
        "a missing program below a variable",
        "new .; git config core.fsmonitor '$PWD/tools/mon'",
        "mkdir -p tools; printf '#!/bin/sh\\ntouch %s\\n' \"$MARK\" > tools/mon; chmod +x tools/mon",
        STATUS,
    ),
    plant(
        "a missing program behind another command",
        "new .; git config core.fsmonitor 'test -d . && tools/mon'",
        "mkdir -p tools; printf '#!/bin/sh\\ntouch %s\\n' \"$MARK\" > tools/mon; chmod +x tools/mon",
        STATUS,
    ),
    plant(
        "a missing program behind one that starts it",
        "new .; git config core.fsmonitor 'timeout 5 tools/mon'",
        "mkdir -p tools; printf '#!/bin/sh\\ntouch %s\\n' \"$MARK\" > tools/mon; chmod +x tools/mon",
        STATUS,
    ),
    plant(
        "a missing script in quotes",
        "new .; git config diff.x.textconv \"sh -c '. ./conv.sh'\"",
        "echo '* diff=x' > .gitattributes; echo touch \"$MARK\" > conv.sh; echo y > f",
        "git diff",
    ),
    plant(
        "a module that python looks for where it is started",
        "new .; git config filter.x.clean 'python3 -m nbstripout'",
        "printf 'import os\\nos.system(\"touch %s\")\\n' \"$MARK\" > nbstripout.py; echo '* filter=x' > .gitattributes; \
         echo z > f",
        "git add -A; true",
    ),
    plant(
        "a repository where a remote leads",
        "new .; git remote add b ./backup.git",
        "git init -q --bare backup.git; printf '#!/bin/sh\\ntouch %s\\n' \"$MARK\" > backup.git/hooks/post-update; chmod +x backup.git/hooks/post-update",
        "git push -q b main",
    ),
    plant(
        "the alternates, attributes and other files that git reads",
        "new .",
        "for name in info/attributes objects/info/alternates description HEAD index packed-refs shallow logs/x \
         worktrees/x refs/heads/x; do mkdir -p .git/$(dirname $name); echo x > .git/$name && echo wrote $name > \"$MARK\"; \
         done; test -z \"$(find .git -newer f -name x)\" || touch wrote",
        "git status; test ! -e wrote",
    ),
];

#[tokio::test]
async fn nothing_that_is_planted_is_executed() {
    for plant in PLANTS {
        for owner in owners() {
            let place = Place::new(plant.workspace, owner, plant.prepare);
            // A workspace swapped under it by the script is where it was.
            let said = place.inside(WorkspaceAccess::ReadWrite, plant.inside).await;
            let said = said.unwrap_or_else(|error| panic!("{}: {error}", plant.what));
            let after = place.on_host(plant.after);
            assert!(
                !place.mark().exists(),
                "{} ({owner:?}):\n{said}\n{after:?}",
                plant.what
            );
        }
    }
}

#[tokio::test]
async fn the_same_is_executed_where_it_is_granted() {
    // The tests of the plants would pass with plants that do nothing.
    for plant in PLANTS
        .iter()
        .filter(|plant| plant.after != "git status; test ! -e wrote")
    {
        let place = Place::new(plant.workspace, None, plant.prepare);
        let said = place
            .inside(WorkspaceAccess::ReadWriteGit, plant.inside)
            .await
            .unwrap();
        let after = place.on_host(plant.after);
        assert!(place.mark().exists(), "{}:\n{said}\n{after:?}", plant.what);
    }
}

#[tokio::test]
async fn nothing_is_left_of_what_held_a_name() {
    for owner in owners() {
        let place = Place::new("w", owner, "");
        let said = place
            .inside(WorkspaceAccess::ReadWrite, "touch mine; ls -A")
            .await
            .unwrap();
        assert_eq!(said, ".git\ncommondir\nmine\nrefs\n");
        assert_eq!(names(&place.path()), ["mine"]);
    }
}

#[tokio::test]
async fn what_a_killed_host_left_is_taken_again() {
    let place = Place::new("w", None, "mkdir .git; touch refs commondir");
    place
        .inside(
            WorkspaceAccess::ReadWrite,
            "touch .git/x refs/x mine; mkdir -p refs/heads; rm -f commondir; echo x > commondir",
        )
        .await
        .unwrap();
    assert_eq!(names(&place.path()), ["mine"]);
}

#[tokio::test]
async fn a_link_that_git_follows_refuses_writing() {
    let place = Place::new("w", None, "new ../o");
    symlink("../o/.git", place.path().join(".git")).unwrap();
    let error = place
        .inside(WorkspaceAccess::ReadWrite, "true")
        .await
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("`.git`") && error.contains("workspace:git"),
        "{error}"
    );
    place
        .inside(WorkspaceAccess::ReadOnly, "true")
        .await
        .unwrap();
}

#[tokio::test]
async fn too_many_repositories_refuse_writing() {
    let place = Place::new(
        "w",
        None,
        "for n in $(seq 200); do mkdir -p $n/.git; echo x > $n/.git/HEAD; done",
    );
    let error = place
        .inside(WorkspaceAccess::ReadWrite, "true")
        .await
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("at most 256") && error.contains("workspace:git"),
        "{error}"
    );
    place
        .inside(WorkspaceAccess::ReadWriteGit, "true")
        .await
        .unwrap();
}

#[tokio::test]
async fn a_configuration_that_includes_itself_has_an_end() {
    let prepare = "git init -q n; for i in 1 2 3 4 5; do printf '[include]\\n path = config\\n' >> n/.git/config; done";
    let place = Place::new("w", None, prepare);
    let said = place.inside(WorkspaceAccess::ReadWrite, "touch x && echo done");
    assert_eq!(said.await.unwrap(), "done\n");
}

#[tokio::test]
async fn an_index_that_cannot_be_read_closes_its_work_tree_only() {
    let place = Place::new("w", None, "new a/n; echo junk > a/n/.git/index");
    let said = place.inside(
        WorkspaceAccess::ReadWrite,
        "touch a/x && echo a; touch a/n/x && echo n",
    );
    let said = said.await.unwrap();
    assert!(
        said.starts_with("a\n") && said.contains("Read-only"),
        "{said}"
    );
}

#[tokio::test]
async fn folders_that_cannot_be_listed_stay_as_they_are() {
    if rustix::process::geteuid().is_root() {
        return; // Root lists every folder.
    }
    for (name, mode) in [("a", "000"), ("a", "444"), ("a/n", "311")] {
        let place = Place::new("w", None, "new a/n; mkdir b");
        let hide = format!("chmod {mode} {name}; touch x && echo wrote");
        let said = place
            .inside(WorkspaceAccess::ReadWrite, &hide)
            .await
            .unwrap();
        assert_eq!(said, "wrote\n");
        let plant = format!(
            "chmod 755 {name}; git config -f a/n/.git/config core.fsmonitor \"$EVIL\"; touch b/y && echo wrote"
        );
        let said = place
            .inside(WorkspaceAccess::ReadWrite, &plant)
            .await
            .unwrap();
        assert!(said.ends_with("wrote\n"), "{said}");
        place
            .on_host(&format!("chmod 755 {name}; cd a/n; git status"))
            .unwrap();
        assert!(!place.mark().exists(), "{name} {mode}: {said}");
    }
}

#[tokio::test]
async fn as_many_repositories_as_can_be_are_pinned() {
    let prepare = "for n in $(seq 120); do mkdir -p $n/.git; echo x > $n/.git/HEAD; done";
    for owner in owners() {
        let place = Place::new("w", owner, prepare);
        let script = "for n in $(seq 120); do echo y > $n/.git/HEAD; touch $n/x; done";
        place
            .inside(WorkspaceAccess::ReadWrite, script)
            .await
            .unwrap();
        for n in 1..=120 {
            let head = fs::read(place.path().join(format!("{n}/.git/HEAD"))).unwrap();
            assert_eq!(head, b"x\n");
            assert!(place.path().join(format!("{n}/x")).exists());
        }
    }
}
