//! A PostgreSQL of one's own for the time of a test run: its cluster is a temporary folder, its address is loopback,
//! and it is gone when the run is over, however that ends.

use std::fs;
use std::io::Write;
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// Databases live for seconds here, so nothing is spent on surviving a crash.
const SETTINGS: &str = "\
fsync = off
synchronous_commit = off
full_page_writes = off
wal_level = minimal
max_wal_senders = 0
max_connections = 400
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
";

/// Waits until the test run has gone, finished or killed, which closes its standard input; then clears away.
/// `$1` is the folder of PostgreSQL's programs, `$2` the folder of the cluster.
const CARETAKER: &str = r#"
cat >/dev/null
"$1/pg_ctl" -D "$2/data" -m immediate stop >/dev/null 2>&1
rm -rf "$2"
"#;

/// A running private cluster. Dropping it stops it and removes its files.
pub struct Cluster {
    url: String,
    caretaker: Child,
}

impl Cluster {
    /// Makes and starts a cluster with a superuser and a database called `concord`.
    pub fn start() -> Result<Self, String> {
        let programs = programs()?;
        let owner = owner()?;
        let folder = tempfile::Builder::new()
            .prefix("concord-postgres-")
            .tempdir()
            .map_err(|error| format!("no temporary folder for PostgreSQL: {error}"))?
            .keep();
        let home = Home { programs, owner, folder };
        // From here on the folder is cleared away whatever happens.
        let caretaker = home.caretaker()?;
        let mut cluster = Self { url: String::new(), caretaker };
        cluster.url = home.found()?;
        Ok(cluster)
    }

    /// The address of the cluster, with a superuser who may make databases.
    pub fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        drop(self.caretaker.stdin.take());
        if let Err(error) = self.caretaker.wait() {
            eprintln!("the private PostgreSQL may still be running: {error}");
        }
    }
}

/// Who runs the server: PostgreSQL refuses to be run by root.
#[derive(Clone, Copy)]
struct Owner {
    user: u32,
    group: u32,
}

/// Where the cluster lives, and with which programs and as whom it is run.
struct Home {
    programs: PathBuf,
    owner: Option<Owner>,
    folder: PathBuf,
}

impl Home {
    fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.folder);
        if let Some(owner) = self.owner {
            command.uid(owner.user).gid(owner.group);
        }
        command
    }

    fn caretaker(&self) -> Result<Child, String> {
        if let Some(owner) = self.owner {
            chown(&self.folder, Some(owner.user), Some(owner.group))
                .map_err(|error| format!("{} cannot be handed over: {error}", self.folder.display()))?;
        }
        self.command("sh")
            .args(["-c", CARETAKER, "caretaker"])
            .args([&self.programs, &self.folder])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            // Ctrl-C is for the test run; the caretaker has to outlive it.
            .process_group(0)
            .current_dir("/")
            .spawn()
            .map_err(|error| format!("sh cannot be started: {error}"))
    }

    /// Initializes and starts the cluster; answers with its address.
    fn found(&self) -> Result<String, String> {
        let password = password()?;
        let secret = self.folder.join("password");
        self.write(&secret, &password)?;
        let data = self.folder.join("data");
        let mut initdb = self.command(self.programs.join("initdb"));
        initdb
            .args(["--username=concord", "--auth=password", "--encoding=UTF8"])
            .args(["--no-locale", "--no-sync", "--pgdata"])
            .arg(&data)
            .arg("--pwfile")
            .arg(&secret);
        self.run(initdb, "initdb")?;

        let port = free_port()?;
        let settings = data.join("postgresql.conf");
        let mut file = fs::OpenOptions::new()
            .append(true)
            .open(&settings)
            .map_err(|error| format!("{} cannot be opened: {error}", settings.display()))?;
        writeln!(file, "{SETTINGS}port = {port}")
            .map_err(|error| format!("{} cannot be written: {error}", settings.display()))?;

        let mut start = self.command(self.programs.join("pg_ctl"));
        start
            .args(["start", "--wait", "--timeout=60", "--silent", "--pgdata"])
            .arg(&data)
            .arg("--log")
            .arg(self.folder.join("server.log"));
        self.run(start, "pg_ctl start")?;
        Ok(format!("postgres://concord:{password}@127.0.0.1:{port}/postgres"))
    }

    fn write(&self, path: &Path, text: &str) -> Result<(), String> {
        let fail = |error| format!("{} cannot be written: {error}", path.display());
        fs::write(path, text).map_err(fail)?;
        fs::set_permissions(path, fs::Permissions::from_mode(0o600)).map_err(fail)?;
        if let Some(owner) = self.owner {
            chown(path, Some(owner.user), Some(owner.group)).map_err(fail)?;
        }
        Ok(())
    }

    /// Runs one of PostgreSQL's programs; what it says goes to a file, because the server inherits its output.
    fn run(&self, mut command: Command, name: &str) -> Result<(), String> {
        let said = self.folder.join("said.log");
        let output = fs::File::create(&said)
            .and_then(|file| Ok((file.try_clone()?, file)))
            .map_err(|error| format!("{} cannot be written: {error}", said.display()))?;
        let status = command
            .stdin(Stdio::null())
            .stdout(output.0)
            .stderr(output.1)
            .status()
            .map_err(|error| format!("{name} cannot be started: {error}"))?;
        if status.success() {
            return Ok(());
        }
        let words = fs::read_to_string(&said).unwrap_or_default();
        let log = fs::read_to_string(self.folder.join("server.log")).unwrap_or_default();
        Err(format!("{name} failed ({status}):\n{words}{log}"))
    }
}

/// The folder with `initdb` and `pg_ctl`: on the path, or where Debian keeps each version, the newest first.
fn programs() -> Result<PathBuf, String> {
    let is_complete = |folder: &PathBuf| folder.join("initdb").is_file() && folder.join("pg_ctl").is_file();
    let path = std::env::var_os("PATH").unwrap_or_default();
    if let Some(folder) = std::env::split_paths(&path).find(is_complete) {
        return Ok(folder);
    }
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten();
    let mut versions: Vec<(u32, PathBuf)> = versions
        .flatten()
        .filter_map(|entry| {
            let version = entry.file_name().to_str()?.parse().ok()?;
            Some((version, entry.path().join("bin")))
        })
        .filter(|(_, folder)| is_complete(folder))
        .collect();
    versions.sort();
    versions.pop().map(|(_, folder)| folder).ok_or_else(|| {
        "PostgreSQL's server programs (initdb, pg_ctl) were not found. Install them (Debian: \
         `apt-get install postgresql`, macOS: `brew install postgresql`), or leave PostgreSQL \
         untested with `cargo xtask test --sqlite-only`."
            .to_owned()
    })
}

/// Another user than root to run the server as; `None` if the run is not root's.
fn owner() -> Result<Option<Owner>, String> {
    let own = fs::metadata("/proc/self").or_else(|_| fs::metadata(std::env::temp_dir()));
    if own.map_err(|error| error.to_string())?.uid() != 0 {
        return Ok(None);
    }
    let users = fs::read_to_string("/etc/passwd").map_err(|error| error.to_string())?;
    let find = |name: &str| {
        users.lines().find_map(|line| {
            let fields: Vec<&str> = line.split(':').collect();
            let [user, _, id, group, ..] = fields.as_slice() else {
                return None;
            };
            (*user == name).then_some(())?;
            Some(Owner { user: id.parse().ok()?, group: group.parse().ok()? })
        })
    };
    match find("postgres").or_else(|| find("nobody")) {
        Some(owner) => Ok(Some(owner)),
        None => Err("PostgreSQL cannot be run by root, and there is neither a user `postgres` nor `nobody`; run the tests as another user".to_owned()),
    }
}

/// A password that other users of the machine do not know.
fn password() -> Result<String, String> {
    let mut bytes = [0u8; 16];
    fs::File::open("/dev/urandom")
        .and_then(|mut file| std::io::Read::read_exact(&mut file, &mut bytes))
        .map_err(|error| format!("the operating system gives no randomness: {error}"))?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

fn free_port() -> Result<u16, String> {
    TcpListener::bind("127.0.0.1:0")
        .and_then(|listener| listener.local_addr())
        .map(|address| address.port())
        .map_err(|error| format!("no port is free on the loopback address: {error}"))
}
