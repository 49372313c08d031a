// Kinds of simulation events, and who handles them. `a` and `b` as in the comment.

/** Kinds of the hardware at the second site: those of the first, and this. */
export const SITE_KINDS = 32

/** A drive has finished a command; a = bay, b = generation << 12 | drive slot. */
export const KIND_DRIVE_FINISH = 1
/** A drive was idle for a while; a = bay, b = generation. */
export const KIND_DRIVE_IDLE = 2
/** The controller's core is free for the next entry; b = power generation. */
export const KIND_CORE = 3
/** A controller's timer; a = timer, b = its generation. */
export const KIND_TIMER = 4
/** An initiator may go on; a = job, b = initiator generation. */
export const KIND_INITIATOR = 5
/** A fault's appointment; a = fault. */
export const KIND_FAULT = 6
/** Power is cut; a = number of the cut. */
export const KIND_POWER_CUT = 7
/** Power returns at a site; a = site, b = number of the return that was ordered there. */
export const KIND_POWER_ON = 8
/** A drive is pulled from a bay; a = bay, b = site. */
export const KIND_PULL = 9
/** A drive is put into a bay; a = bay, b = number of the insertion (scenario/faultGlue.ts). */
export const KIND_INSERT = 10
/** A drive has spun up after power on; a = bay, b = power generation. */
export const KIND_SPIN_UP = 11
/** The controller reboots after a crash; b = power generation. */
export const KIND_REBOOT = 12
/** The oldest commands of the initiators are looked at; b = initiator generation. */
export const KIND_COMMAND_WATCH = 13
/** An operator asks for something; a = request (assembly/abi/operator.ts), b = site << 8 | bay. */
export const KIND_OPERATOR = 14
/** A frame arrives over the link; a = direction, 0 = from the first site to the second; b = the link's token. */
export const KIND_FRAME = 15
/** The initiators go to the other site (a = 0), or an operator looks after that; a = how often, b = number of the failover. */
export const KIND_FAILOVER = 16
/** The link is whole again; a = direction, b = which cut of it is over. */
export const KIND_LINK_RESTORED = 17
/** An operator asks the microcode of a site for something; a = site, b = request. */
export const KIND_SITE_OPERATOR = 18
/** Power is lost at one site; a = site, b = number of the loss. */
export const KIND_SITE_LOSS = 19
/** An appointed time has come: both sites' microcode is asked for a point in time. */
export const KIND_APPOINTED = 20
/** The backup host looks after its image; a = which look. */
export const KIND_IMAGER = 21
