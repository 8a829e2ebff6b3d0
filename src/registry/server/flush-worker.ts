/** The worker that flushes a registry's file system (one of `workerEntrypoints`). */
import { AT_FDCWD, closeFd, O_DIRECTORY, O_RDONLY, openAt, syncFileSystem } from "../../platform/fd.ts";
import { serveTasks } from "../../platform/worker-serve.ts";

serveTasks<string>((directory) => {
  const fd = openAt(AT_FDCWD, directory, O_RDONLY | O_DIRECTORY);
  try {
    syncFileSystem(fd);
  } finally {
    closeFd(fd);
  }
  return Promise.resolve();
});
