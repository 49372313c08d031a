// Seagate ST39102LW "Cheetah 9LP": 9.1 GB, 10,045 rpm, 1998.
//
// Source of every number: CMU DiskSim 4.0, valid/cheetah9LP.{model,seek,diskspecs}, which its authors extracted from a real drive
// with DIXtrac. Only numbers were taken. DiskSim's licence asks that its notice travels with what derives from it:
//
//   DiskSim Storage Subsystem Simulation Environment (Version 4.0)
//   Revision Authors: John Bucy, Greg Ganger. Contributors: John Griffin, Jiri Schindler, Steve Schlosser
//   Copyright (c) of Carnegie Mellon University, 2001-2008.
//   Permission to reproduce, use, and prepare derivative works of this software is granted provided the copyright and "No Warranty"
//   statements are included with all reproductions and derivative works and associated documentation. This software may also be
//   redistributed without charge provided that the copyright and "No Warranty" statements are included in all redistributions.
//   NO WARRANTY. THIS SOFTWARE IS FURNISHED ON AN "AS IS" BASIS. CARNEGIE MELLON UNIVERSITY MAKES NO WARRANTIES OF ANY KIND, EITHER
//   EXPRESSED OR IMPLIED AS TO THE MATTER INCLUDING, BUT NOT LIMITED TO: WARRANTY OF FITNESS FOR PURPOSE OR MERCHANTABILITY,
//   EXCLUSIVITY OF RESULTS OR RESULTS OBTAINED FROM USE OF THIS SOFTWARE. CARNEGIE MELLON UNIVERSITY DOES NOT MAKE ANY WARRANTY OF
//   ANY KIND WITH RESPECT TO FREEDOM FROM PATENT, TRADEMARK, OR COPYRIGHT INFRINGEMENT. COPYRIGHT HOLDERS WILL BEAR NO LIABILITY
//   FOR ANY USE OF THIS SOFTWARE OR DOCUMENTATION.

import type { HddParameters, HddZone } from '../hddParameters'

/** (distance in cylinders, µs). */
const seekCurveUs: HddParameters['seekCurveUs'] = [
  [1, 831],
  [2, 1003],
  [3, 1089],
  [4, 1092],
  [5, 1268],
  [6, 1263],
  [7, 1271],
  [8, 1439],
  [9, 1433],
  [10, 1448],
  [12, 1449],
  [14, 1447],
  [16, 1453],
  [18, 1533],
  [20, 1534],
  [25, 1625],
  [30, 1624],
  [35, 1712],
  [40, 1715],
  [45, 1765],
  [50, 1804],
  [60, 1893],
  [70, 1945],
  [80, 1983],
  [90, 2072],
  [100, 2145],
  [125, 2161],
  [150, 2259],
  [175, 2510],
  [200, 2517],
  [225, 2519],
  [250, 2607],
  [275, 2701],
  [300, 2699],
  [325, 2841],
  [350, 2874],
  [375, 2962],
  [400, 3051],
  [425, 3014],
  [450, 3104],
  [475, 3098],
  [500, 3230],
  [600, 3399],
  [700, 3638],
  [800, 3823],
  [900, 3995],
  [1000, 4118],
  [1100, 4271],
  [1200, 4397],
  [1300, 4427],
  [1400, 4573],
  [1500, 4757],
  [1600, 4833],
  [1700, 4930],
  [1800, 4993],
  [1900, 5190],
  [2000, 5282],
  [2100, 5428],
  [2200, 5541],
  [2300, 5624],
  [2400, 5726],
  [2500, 5815],
  [2600, 5963],
  [2700, 6082],
  [2800, 6163],
  [2900, 6245],
  [3000, 6345],
  [3100, 6423],
  [3200, 6665],
  [3300, 6737],
  [3400, 6847],
  [3500, 6887],
  [3600, 6977],
  [3700, 7068],
  [3800, 7164],
  [3900, 7328],
  [4000, 7419],
  [4100, 7507],
  [4200, 7649],
  [4300, 7691],
  [4400, 7831],
  [4500, 7959],
  [4600, 8087],
  [4700, 8135],
  [4800, 8223],
  [4900, 8311],
  [5000, 8492],
  [5100, 8626],
  [5200, 8659],
  [5300, 8805],
  [5400, 8987],
  [5500, 8962],
  [5600, 9106],
  [5700, 9201],
  [5800, 9296],
  [5900, 9524],
  [6000, 9698],
  [6100, 9702],
  [6200, 9830],
  [6300, 9878],
  [6400, 10009],
  [6500, 10147],
  [6600, 10230],
  [6700, 10363],
  [6800, 10540],
  [6894, 10627],
]

const zones: readonly HddZone[] = [
  {
    firstCylinder: 0,
    lastCylinder: 846,
    blocksPerTrack: 254,
    trackSkewBlocks: 97,
    cylinderSkewBlocks: 133,
    spareBlocks: 1270,
    slips: [
      168317, 223330, 365935, 395944, 792120, 830434, 968787, 1018186, 1116466, 1160816, 1163955, 1167095, 1169979,
      1173118, 1176258, 1500120, 1530141, 1533280, 1536420, 1539304, 1542443, 1545583, 1746554, 1761359, 2015664,
      2072607, 2075492, 2078631, 2081770, 2084655, 2087794, 2124338, 2168146, 2337052,
    ],
  },
  {
    firstCylinder: 848,
    lastCylinder: 1643,
    blocksPerTrack: 245,
    trackSkewBlocks: 97,
    cylinderSkewBlocks: 133,
    spareBlocks: 980,
    slips: [
      17579, 17580, 17581, 20362, 20363, 20364, 23390, 23391, 23392, 26418, 26419, 26420, 29200, 29201, 29202, 29854,
      29855, 29856, 29857, 29858, 29859, 29860, 29861, 32228, 32229, 32230, 32636, 32637, 32638, 32639, 32640, 32641,
      32642, 32643, 35256, 35257, 35258, 35664, 35665, 35666, 35667, 35668, 35669, 35670, 35671, 38038, 38039, 38040,
      38692, 38693, 38694, 38695, 38696, 38697, 38698, 38699, 41066, 41067, 41068, 41474, 41475, 41476, 41477, 41478,
      41479, 41480, 41481, 44094, 44095, 44096, 46877, 49905, 49906, 49907, 52687, 52688, 52689, 55715, 58743, 58744,
      58745, 61525, 64553, 67581, 70364, 73392, 76420, 76421, 76422, 79202, 79203, 79204, 81549, 82230, 82231, 82232,
      85015, 85259, 88040, 88041, 88042, 91068, 91069, 91070, 93851, 93852, 93853, 96879, 96880, 96881, 99907, 99908,
      99909, 102689, 105717, 108745, 117583, 117584, 120366, 123394, 126176, 128020, 129204, 132232, 135014, 135015,
      138042, 138043, 141070, 141071, 143853, 146881, 149909, 152691, 155719, 158747, 161529, 161530, 164557, 164558,
      167340, 170368, 173396, 176178, 179206, 182234, 185017, 188045, 191073, 193855, 193856, 193857, 196883, 199911,
      202693, 202694, 202695, 205721, 205722, 205723, 208503, 208504, 208505, 211531, 211532, 211533, 211609, 214559,
      214560, 214561, 217342, 217343, 217344, 220370, 220371, 220372, 223398, 223399, 223400, 226180, 226181, 226182,
      229208, 229209, 229210, 347465, 420694, 480976, 558160, 597638, 615896, 644510, 1009424, 1155397, 1164202,
      1280940, 1367900, 1638274, 1872992, 1874569, 1997486, 2002106, 2216751,
    ],
  },
  {
    firstCylinder: 1645,
    lastCylinder: 2392,
    blocksPerTrack: 238,
    trackSkewBlocks: 97,
    cylinderSkewBlocks: 117,
    spareBlocks: 952,
    slips: [
      406069, 442306, 448087, 737508, 768729, 771432, 774373, 777077, 780018, 782959, 843184, 843207, 848841, 1347807,
      1380144, 1382847, 1385788, 1388492, 1391433, 1394374, 1397077, 1400019, 1402960, 1405663, 1408604, 1411546,
      1414249, 1417190, 1420132, 1422835, 1425675, 1425776, 1533107, 1806508, 1898600, 1905995, 1919272, 1981198,
      1988404, 2082230,
    ],
  },
  {
    firstCylinder: 2394,
    lastCylinder: 3096,
    blocksPerTrack: 227,
    trackSkewBlocks: 97,
    cylinderSkewBlocks: 116,
    spareBlocks: 908,
    slips: [
      180261, 536668, 825948, 831365, 943993, 1097376, 1265168, 1308030, 1363425, 1506120, 1576805, 1649545, 1819760,
    ],
  },
  {
    firstCylinder: 3098,
    lastCylinder: 3757,
    blocksPerTrack: 217,
    trackSkewBlocks: 97,
    cylinderSkewBlocks: 108,
    spareBlocks: 651,
    slips: [
      424976, 490108, 492790, 495255, 497937, 503083, 539200, 699219, 740151, 922457, 1024907, 1072773, 1176801,
      1192698, 1207823, 1306084,
    ],
  },
  {
    firstCylinder: 3759,
    lastCylinder: 4379,
    blocksPerTrack: 209,
    trackSkewBlocks: 97,
    cylinderSkewBlocks: 108,
    spareBlocks: 627,
    slips: [
      22192, 47990, 134805, 542634, 762873, 827431, 869032, 1053196, 1094461, 1154389, 1219163, 1325386, 1387400,
      1441837, 1511758,
    ],
  },
  {
    firstCylinder: 4381,
    lastCylinder: 4964,
    blocksPerTrack: 201,
    trackSkewBlocks: 97,
    cylinderSkewBlocks: 108,
    spareBlocks: 402,
    slips: [
      99488, 112150, 229602, 464758, 502158, 520754, 621455, 640206, 808402, 903183, 911214, 977453, 1153449, 1155933,
      1158216, 1160700, 1163184, 1165467, 1175172, 1194725, 1270628, 1360560,
    ],
  },
  {
    firstCylinder: 4966,
    lastCylinder: 5515,
    blocksPerTrack: 189,
    trackSkewBlocks: 88,
    cylinderSkewBlocks: 94,
    spareBlocks: 2268,
    slips: [
      110839, 140319, 244919, 435267, 474557, 489191, 528867, 532061, 540523, 549164, 549944, 552090, 554426, 556762,
      558909, 561245, 591421, 665727, 684300, 689924, 829620, 931362, 940334, 1049764, 1145315, 1218123, 1222295,
      1224816,
    ],
  },
  {
    firstCylinder: 5516,
    lastCylinder: 6031,
    blocksPerTrack: 181,
    trackSkewBlocks: 88,
    cylinderSkewBlocks: 93,
    spareBlocks: 1991,
    slips: [
      10058, 12527, 16981, 33410, 118968, 171450, 189913, 193524, 195207, 202570, 284717, 302650, 493794, 628887,
      634203, 642285, 683872, 695777, 697922, 750816, 768582, 779568, 869113, 869415, 869794, 871169, 873406, 875643,
      877698, 879935, 884228, 886465, 888702, 890757, 893997, 895050, 897287, 899524, 901579, 912443, 922582, 925185,
      941308, 959544, 961781, 963836, 964326, 966073, 968310, 970366, 972603, 974840, 976895, 979132, 981369, 983425,
      985662, 987717, 989954, 992191, 1003327, 1005564, 1007801, 1009857, 1012094, 1014149, 1016386, 1018623, 1020679,
      1022916, 1025153, 1027208, 1029445, 1031682, 1033738, 1035975, 1038212, 1040267, 1042504, 1044560, 1046797,
      1049034, 1051089, 1053326, 1055564, 1057619, 1057731, 1059856, 1062093, 1064148, 1066386, 1068443, 1070678,
      1072915, 1074970, 1077208, 1079445, 1081500, 1083737, 1085974, 1091230, 1093286, 1095523, 1095606, 1097760,
      1099815, 1102052, 1104108, 1106345, 1108582, 1110637, 1112874, 1115112, 1117167,
    ],
  },
  {
    firstCylinder: 6032,
    lastCylinder: 6517,
    blocksPerTrack: 174,
    trackSkewBlocks: 88,
    cylinderSkewBlocks: 93,
    spareBlocks: 1914,
    slips: [
      2859, 87132, 104908, 126661, 128638, 130788, 132764, 134915, 137065, 188920, 197915, 277956, 344381, 354354,
      359141, 365375, 388318, 417566, 440698, 445048, 488448, 495244, 496537, 497380, 514582, 516225, 542613, 565446,
      565879, 571989, 641048, 658958, 721070, 728629, 738995, 781299, 789173, 802770, 834576, 862716, 864866, 866353,
      867017, 868993, 871143, 873294, 875270, 877420, 879397, 881547, 883697, 885264, 893585, 904960, 979650, 991545,
      995645, 1003035,
    ],
  },
  {
    firstCylinder: 6518,
    lastCylinder: 6961,
    blocksPerTrack: 167,
    trackSkewBlocks: 88,
    cylinderSkewBlocks: 80,
    spareBlocks: 218,
    slips: [
      19841, 23982, 108946, 141493, 150285, 286157, 358616, 427294, 460891, 476694, 498868, 519575, 539014, 541078,
      541546, 545188, 545189, 546935, 547252, 547253, 548999, 549149, 549150, 551063, 551213, 551214, 553109, 553110,
      555173, 555174, 557237, 557238, 558984, 559134, 559135, 561048, 561198, 561199, 563112, 563262, 563263, 565158,
      565159, 568969, 571033, 573097, 585623, 627051, 671048, 690977, 716436,
    ],
  },
]

const mechanics: Omit<HddParameters, 'name' | 'overheads' | 'buffer' | 'busBlockNs'> = {
  source: 'CMU DiskSim 4.0, valid/cheetah9LP (DIXtrac extraction of a Seagate ST39102LW)',
  blockBytes: 512,
  blockCount: 17_783_240,
  rpm: 10_045,
  heads: 12,
  headSwitchNs: 30_000,
  writeSettleNs: 461_000,
  seekCurveUs,
  zones,
}

const electronics: Pick<HddParameters, 'overheads' | 'busBlockNs'> = {
  overheads: {
    readHitAfterReadNs: 66_000,
    readHitAfterWriteNs: 273_000,
    readMissAfterReadNs: 283_620,
    readMissAfterWriteNs: 86_730,
    writeHitAfterReadNs: 748_000,
    writeHitAfterWriteNs: 500_000,
    writeMissAfterReadNs: 906_920,
    writeMissAfterWriteNs: 896_400,
  },
  // 512 bytes on the SCSI bus of the machine in which the drive was measured: about 5 MB/s.
  busBlockNs: 105_000,
}

/** The arm and the platters alone: commands and data cross to the controller in no time. */
export const cheetah9lpMechanics: HddParameters = { ...mechanics, name: 'cheetah9lp-mechanics', busBlockNs: 0 }

/** All caching off. */
export const cheetah9lpUncached: HddParameters = { ...mechanics, ...electronics, name: 'cheetah9lp-uncached' }

/** Track buffer and read-ahead on, writes go to the medium (WCE = 0). */
export const cheetah9lp: HddParameters = {
  ...mechanics,
  ...electronics,
  name: 'cheetah9lp',
  buffer: { segments: 3, segmentBlocks: 561, writeBack: false },
}

/** As the drive was shipped, and measured: also writes end in the buffer (WCE = 1). */
export const cheetah9lpShipped: HddParameters = {
  ...mechanics,
  ...electronics,
  name: 'cheetah9lp-shipped',
  buffer: { segments: 3, segmentBlocks: 561, writeBack: true },
}
