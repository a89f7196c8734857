using static GpuConvnet.Model.Digits.ControlPoint;

namespace GpuConvnet.Model.Digits;

/// <summary>
/// The ways of writing each digit. The curves were drawn for this program; the weights follow what is common in
/// North American hands, with some European ones (a foot under the 1, a bar through the 7), because rare ways are
/// a natural part of what makes handwriting hard.
/// </summary>
internal static class DigitTemplates
{
    private static readonly DigitTemplate[][] s_byDigit =
    [
        // 0: closed with an overlap, open at the top, clockwise from the left, narrow.
        [
            new(4, [(56, 3), (24, 14), (10, 50), (24, 87), (50, 98), (78, 86), (90, 50), (76, 13), (50, 2), (38, 7)]),
            new(2, [(66, 8), (38, 4), (15, 30), (13, 66), (36, 96), (69, 91), (88, 58), (82, 24), (58, 9)]),
            new(1, [(26, 20), (58, 2), (87, 26), (86, 70), (56, 98), (24, 88), (10, 52), (20, 22), (46, 6)]),
            new(2, [(52, 1), (28, 20), (21, 55), (32, 89), (52, 99), (72, 85), (79, 48), (70, 14), (47, 3)]),
        ],

        // 1: a plain stroke, with a flag, with a flag and a foot.
        [
            new(8, [(50, 0), (51, 33), (49, 66), (50, 100)]),
            new(2, [(28, 24), Corner(54, 0), (52, 50), (50, 100)]),
            new(0.7f, [(26, 22), Corner(53, 0), (52, 50), (51, 98)], [(22, 99), (50, 98), (80, 99)]),
        ],

        // 2: a straight base, a loop at the foot, a wavy base without a loop, angular like a Z.
        [
            new(3, [(14, 24), (34, 4), (68, 5), (80, 30), (54, 66), Corner(11, 96), (50, 95), (92, 95)]),
            new(3, [(14, 24), (40, 2), (74, 11), (74, 40), (46, 78), (20, 97), (9, 85), (26, 75), (55, 89), (93, 97)]),
            new(2, [(17, 30), (40, 4), (71, 11), (72, 42), (42, 79), Corner(14, 95), (45, 86), (70, 95), (95, 88)]),
            new(1, [(13, 12), (46, 3), Corner(82, 12), (52, 52), Corner(12, 96), (50, 97), (90, 94)]),
        ],

        // 3: round with a pointed waist, a flat top, a small loop at the waist, a soft waist.
        [
            new(4, [(18, 15), (46, 2), (76, 16), (68, 39), Corner(40, 48), (74, 56), (84, 79), (55, 98), (12, 88)]),
            new(1, [(14, 6), (48, 4), Corner(82, 5), (62, 24), Corner(42, 42), (78, 56), (78, 86), (45, 99), (11, 88)]),
            new(1, [(18, 14), (50, 2), (76, 20), (58, 43), (37, 51), (46, 43), (75, 58), (80, 84), (45, 99), (12, 87)]),
            new(2, [(20, 10), (52, 2), (75, 19), (58, 42), (48, 48), (72, 60), (76, 84), (46, 99), (10, 92)]),
        ],

        // 4: open with two strokes, open in one stroke like a y, closed with a stem across, closed in one stroke.
        [
            new(4, [(22, 3), (17, 28), Corner(13, 55), (50, 57), (90, 52)], [(73, 2), (69, 50), (66, 100)]),
            new(3, [(14, 6), (13, 38), (38, 56), (68, 42), Corner(82, 3), (76, 50), (69, 100)]),
            new(2, [(62, 2), (38, 32), Corner(10, 62), (50, 63), (92, 61)], [(65, 20), (63, 55), (61, 100)]),
            new(1, [(56, 100), (62, 50), Corner(70, 1), (40, 30), Corner(9, 60), (48, 62), (90, 60)]),
        ],

        // 5: the top as a stroke of its own, in one stroke, rounded like an S.
        [
            new(4, [(32, 6), (28, 24), Corner(24, 45), (52, 38), (81, 56), (76, 86), (44, 99), (11, 90)],
                [(32, 6), (60, 5), (90, 1)]),
            new(3, [(86, 3), (58, 5), Corner(31, 7), (28, 26), Corner(23, 46), (52, 39), (80, 59),
                (74, 88), (42, 99), (9, 89)]),
            new(2, [(84, 6), (50, 3), (27, 20), (34, 43), (64, 54), (78, 75), (56, 97), (12, 92)]),
        ],

        // 6: a curved back, a big loop, a straight back, a small loop.
        [
            new(3, [(70, 2), (40, 19), (17, 55), (21, 88), (50, 99), (79, 83), (72, 58), (45, 55), (19, 76)]),
            new(2, [(56, 0), (26, 28), (12, 68), (38, 98), (78, 87), (86, 62), (60, 47), (31, 58), (17, 80)]),
            new(2, [(60, 0), (36, 36), (16, 74), (35, 98), (67, 89), (71, 65), (45, 61), (21, 80)]),
            new(2, [(76, 2), (45, 22), (22, 58), (25, 91), (50, 98), (66, 83), (53, 68), (29, 82)]),
        ],

        // 7: plain, with a bar, with a serif, with a curved top.
        [
            new(5, [(12, 9), (50, 6), Corner(88, 5), (64, 46), (46, 100)]),
            new(1.5f, [(12, 9), (50, 6), Corner(88, 5), (64, 46), (46, 100)], [(34, 54), (58, 50), (84, 49)]),
            new(1, [(11, 24), Corner(14, 6), (50, 7), Corner(86, 5), (62, 48), (48, 100)]),
            new(2, [(10, 18), (30, 4), (60, 10), Corner(88, 4), (62, 50), (55, 100)]),
        ],

        // 8: one stroke that starts like an S, two circles, one stroke left open at the top.
        [
            new(5, [(76, 12), (48, 2), (23, 18), (44, 44), (74, 67), (70, 93), (42, 99), (19, 81),
                (42, 54), (70, 33), (79, 13), (57, 3)]),
            new(1, [(52, 2), (27, 12), (31, 38), (52, 47), (73, 36), (72, 11), (50, 3)],
                [(51, 48), (22, 65), (26, 94), (52, 99), (79, 88), (76, 60), (49, 49)]),
            new(2, [(72, 9), (42, 3), (23, 22), (48, 47), (78, 73), (60, 98), (29, 94), (23, 72), (50, 49),
                (76, 27), (86, 5)]),
        ],

        // 9: a straight tail, a curled tail, a loop that runs into a slanted tail, a circle and then a stem.
        [
            new(4, [(80, 14), (50, 2), (19, 22), (24, 48), (56, 48), Corner(80, 14), (77, 52), (72, 100)]),
            new(2, [(78, 18), (50, 2), (21, 22), (29, 48), (61, 45), (81, 18), (83, 60), (64, 95), (26, 91)]),
            new(2, [(74, 9), (42, 4), (16, 30), (30, 52), (64, 41), (82, 10), (66, 58), (46, 100)]),
            new(1, [(70, 8), (38, 4), (17, 26), (32, 49), (62, 42), (77, 17), (58, 3)], [(80, 6), (76, 50), (73, 100)]),
        ],
    ];

    /// <summary>The ways of writing one digit.</summary>
    /// <param name="digit">0 to 9.</param>
    public static ReadOnlySpan<DigitTemplate> Of(int digit) => s_byDigit[digit];
}
