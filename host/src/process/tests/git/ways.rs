//! The ways to plant something, by what git's own files hold.

/// One way.
pub(super) struct Plant {
    /// What is planted.
    pub(super) what: &'static str,
    /// The workspace, below the folder that is the test's own.
    pub(super) workspace: &'static str,
    /// A script on the host, in the workspace.
    pub(super) prepare: &'static str,
    /// A script of the process.
    pub(super) inside: &'static str,
    /// What the host's user does afterwards, in the workspace.
    pub(super) after: &'static str,
}

pub(super) const fn plant(
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

pub(super) const fn below(
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

pub(super) const STATUS: &str = "git status";

/// A process's own repository with a configuration that executes.
pub(super) const REPOSITORY: &str = "git init -q s && cd s && git -c user.email=a -c user.name=a commit -q --allow-empty \
                          -m x; git config core.fsmonitor \"$EVIL\"";

pub(super) const OF_REPOSITORIES: &[Plant] = &[
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
        "a repository where .git is a pipe",
        "mkfifo .git",
        "mkdir objects refs; echo 'ref: refs/heads/m' > HEAD; git config -f config core.bare false; \
         git config -f config core.repositoryFormatVersion 0; git config -f config core.worktree .; \
         git config -f config core.fsmonitor \"$EVIL\"",
        STATUS,
    ),
    plant(
        "the other name of a hook",
        "new .; mkdir tools; echo '#!/bin/sh' > tools/hook; chmod 755 tools/hook; \
         ln tools/hook .git/hooks/pre-commit",
        "printf '#!/bin/sh\\ntouch %s\\n' \"$MARK\" > tools/hook; echo y > f",
        "git commit -qam two",
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
];
