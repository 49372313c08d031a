// The names that fio has besides the supported ones: other spellings, options without meaning here, and options that would change what
// is issued but are not supported. Every name that fio 3.33 prints for --cmdhelp is in one of the tables, so that a name which is in
// none is a mistake of the writer.

export const ALIASES: Readonly<Record<string, string>> = {
  readwrite: 'rw',
  blocksize: 'bs',
  blocksize_range: 'bsrange',
  io_limit: 'io_size',
  fileoffset: 'offset',
  fileoffset_increment: 'offset_increment',
  blockoffset_increment: 'offset_increment',
  start_delay: 'startdelay',
  wait_for_previous: 'stonewall',
  timeout: 'runtime',
}

/** Why an option does nothing here. */
export const MEANINGLESS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    'every job works on the LUN itself':
      'filename directory filename_format unique_filename opendir lockfile fallocate fadvise_hint file_append ' +
      'create_serialize create_fsync create_on_open create_only allow_file_create allow_mounted_write overwrite unlink ' +
      'unlink_each_loop openfiles file_service_type pre_read invalidate',
    'there is no page cache between a job and the LUN': 'direct buffered',
    'data are stamped by the oracle':
      'zero_buffers refill_buffers scramble_buffers buffer_pattern buffer_compress_percentage buffer_compress_chunk ' +
      'dedupe_percentage dedupe_mode dedupe_working_set_percentage dedupe_global',
    'the oracle checks every byte, always':
      'verify_interval verify_offset verify_pattern verify_pattern_interval verify_fatal verify_dump verify_async ' +
      'verify_async_cpus verify_header_seed verify_state_save verify_write_sequence experimental_verify verifysort verifysort_nr',
    'random numbers come from one generator, seeded by the run':
      'randrepeat allrandrepeat random_generator softrandommap',
    'it concerns the machine that runs fio':
      'thread nice prio prioclass priosplit cpumask cpus_allowed cpus_allowed_policy cpumode numa_cpu_nodes numa_mem_policy mem iomem ' +
      'iomem_align lockmem hugepage-size ioscheduler cgroup cgroup_nodelete cgroup_weight uid gid clocksource gtod_cpu gtod_reduce ' +
      'exec_prerun exec_postrun userspace_reap libaio_vectored fixedbufs registerfiles nonvectored hipri sqthread_poll ' +
      'sqthread_poll_cpu force_async uncached nowait cmdprio_percentage cmdprio cmdprio_class write_hint io_submit_mode ' +
      'iodepth_batch iodepth_batch_submit iodepth_batch_complete iodepth_batch_complete_min iodepth_batch_complete_max iodepth_low ' +
      'thinktime_spin max_open_zones',
    'a request that fails is judged, and the job goes on': 'continue_on_error ignore_error',
    'it concerns what fio prints':
      'description name group_reporting new_group per_job_logs stats write_bw_log write_lat_log write_iops_log write_hist_log ' +
      'bwavgtime iopsavgtime log_entries log_avg_msec log_hist_msec log_hist_coarseness log_max_value log_offset log_prio ' +
      'log_compression log_compression_cpus log_store_compressed log_unix_epoch log_alternate_epoch log_alternate_epoch_clock_id ' +
      'block_error_percentiles clat_percentiles lat_percentiles slat_percentiles percentile_list significant_figures disk_util ' +
      'disable_lat disable_clat disable_slat disable_bw_measurement unified_rw_reporting error_dump unit_base write_iolog',
  }).flatMap(([why, names]) => names.split(' ').map((name): [string, string] => [name, why])),
)

/** What to do instead. */
export const UNSUPPORTED: ReadonlyMap<string, string> = new Map(
  Object.entries({
    'the trace as a workload of its own, not inside a job file':
      'read_iolog read_iolog_chunked replay_no_stall replay_redirect replay_scale replay_align replay_time_scale replay_skip ' +
      'merge_blktrace_file merge_blktrace_scalars merge_blktrace_iters',
    'no zones':
      'zonesize zonecapacity zonerange zoneskip read_beyond_wp job_max_open_zones ignore_zone_limits zone_reset_threshold zone_reset_frequency',
    'bs, bsrange or bssplit in whole sectors, each aligned to its smallest':
      'ba blockalign bs_unaligned bs_is_seq_rand',
    'one region per job, by offset and size': 'filesize fill_device',
    'jobs that end by themselves':
      'exitall exit_what exitall_on_error exitall_on_terminate wait_for max_latency rate_min rate_iops_min steadystate steadystate_duration steadystate_ramp_time',
    'another option: this one is not supported':
      'serialize_overlap write_barrier sync_file_range atomic verify_state_load verify_write_header trim_percentage ' +
      'trim_verify_zero trim_backlog trim_backlog_batch thinktime_blocks_type thinktime_iotime rate_cycle rate_ignore_thinktime ' +
      'latency_target latency_window latency_percentile latency_run profile flow flow_id flow_watermark flow_sleep',
  }).flatMap(([instead, names]) => names.split(' ').map((name): [string, string] => [name, instead])),
)

/** The known name that is most like `name`, if one is close. */
export function similarOption(name: string, known: Iterable<string>): string | null {
  let best: string | null = null
  let bestDistance = Math.max(2, Math.floor(name.length / 3)) + 1
  for (const candidate of known) {
    const distance = editDistance(name.toLowerCase(), candidate)
    if (distance < bestDistance) {
      best = candidate
      bestDistance = distance
    }
  }
  return best
}

/** Levenshtein's distance. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const change = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(change, row[j]! + 1, next[j - 1]! + 1))
    }
    row = next
  }
  return row[b.length]!
}
