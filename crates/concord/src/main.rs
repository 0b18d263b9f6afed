//! The `concord` binary: the list of areas, HTTP, command line, worker and configuration; nothing else.

mod assemble;
mod cli;
mod http;
mod worker;

use std::process::ExitCode;

/// Requests and intake make many small things on several threads; the usual allocator spends more time on them than rules do.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    match runtime {
        Ok(runtime) => runtime.block_on(cli::run()),
        Err(error) => cli::output::fault(&format!("the runtime does not start: {error}")),
    }
}
