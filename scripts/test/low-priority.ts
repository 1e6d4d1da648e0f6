// Loaded with --import: this process and those it starts get the processor when nobody else wants it.
import os from 'node:os';

os.setPriority(os.constants.priority.PRIORITY_BELOW_NORMAL);
