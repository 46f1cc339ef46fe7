use std::collections::BTreeMap;
use std::fs;
use std::time::Duration;

/// CPU time that processes have used.
#[derive(Debug, Clone, Copy, Default)]
pub struct Cpu {
    /// The `dms` process.
    pub dms: Duration,
    /// PostgreSQL: the postmaster and its children, those that have ended included.
    pub postgres: Duration,
}

impl Cpu {
    /// What was used since an earlier reading.
    #[must_use]
    pub fn since(self, earlier: Cpu) -> Cpu {
        Cpu {
            dms: self.dms.saturating_sub(earlier.dms),
            postgres: self.postgres.saturating_sub(earlier.postgres),
        }
    }

    pub(crate) fn read(dms: u32, postmaster: u32) -> Cpu {
        let table = processes();
        let own = |pid: u32| table.get(&pid).map_or(0, |p| p.own);
        let postgres = own(postmaster)
            + table.get(&postmaster).map_or(0, |p| p.ended_children)
            + table.values().filter(|p| p.parent == postmaster).map(|p| p.own).sum::<u64>();
        // The kernel counts in hundredths of a second.
        Cpu { dms: Duration::from_millis(own(dms) * 10), postgres: Duration::from_millis(postgres * 10) }
    }
}

struct Process {
    parent: u32,
    own: u64,
    ended_children: u64,
}

/// All processes, from `/proc/<pid>/stat`: after the name in parentheses, field 4 is the parent, 14 to 17 are the ticks.
fn processes() -> BTreeMap<u32, Process> {
    let Ok(folder) = fs::read_dir("/proc") else { return BTreeMap::new() };
    let pids = folder.flatten().filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    pids.filter_map(|pid| {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
        let number = |field: usize| fields.get(field - 3)?.parse::<u64>().ok();
        let parent = u32::try_from(number(4)?).ok()?;
        let (own, ended_children) = (number(14)? + number(15)?, number(16)? + number(17)?);
        Some((pid, Process { parent, own, ended_children }))
    })
    .collect()
}
