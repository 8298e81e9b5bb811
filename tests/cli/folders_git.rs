//! Folders that are not granted because of commands in git's configuration.

use std::fs;

use crate::folders::Home;

#[test]
fn a_folder_is_not_granted_that_a_command_of_gits_may_execute_without_naming_it() {
    let host = Home::new("[[files]]\npath = \"/data\"\naccess = \"read-write\"\n");
    fs::create_dir_all(host.home.join("notes")).expect("a folder");
    let grant = format!("files-write:/data {}", host.home.join("notes").display());
    for (config, why) in [
        ("[alias]\n\tx = \"!cat *.sh | sh\"\n", Some("alias.x")),
        ("[alias]\n\tx = !sh run.sh\n", Some("alias.x")),
        (
            "[core]\n\tsshCommand = sh ssh.sh\n",
            Some("core.sshcommand"),
        ),
        (
            "[init]\n\ttemplateDir = .tpl\n",
            Some("wherever the user is"),
        ),
        (
            "[alias]\n\tx = \"!git branch | grep -v main | xargs git branch -d\"\n",
            None,
        ),
        ("[core]\n\tpager = less -R\n", None),
    ] {
        fs::write(host.home.join(".gitconfig"), config).expect("a file");
        let run = host
            .env
            .boll(&["run", &host.capsule, "nothing", "--allow", &grant]);
        match why {
            Some(why) => {
                run.fails(2).says(&["git's configuration", why]);
            }
            None => {
                run.ends(0);
            }
        }
    }
}
